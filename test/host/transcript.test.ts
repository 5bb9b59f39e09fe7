import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileTranscript } from '../../harness/host/transcript.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-transcript-'));
});
afterAll(() => rmSync(place, { recursive: true }));

const ENTRY = { host: 'rhel01', argv: ['true'], startedMs: 1, endedMs: 2, status: 0, stdout: '', stderr: '' };

it('is on disk when it has ended', async () => {
  const file = join(place, 'transcript.ndjson');
  const transcript = fileTranscript(file);
  transcript.record(ENTRY);
  expect(await transcript.end()).toBe(null);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ENTRY);
});

it.each([0, 50])(
  'says why it is not whole on a full disk, and rejects nothing, %i ms later',
  async (laterMs) => {
    const transcript = fileTranscript('/dev/full');
    transcript.record(ENTRY);
    await new Promise((resolve) => setTimeout(resolve, laterMs));
    transcript.record(ENTRY);
    expect(await transcript.end()).toMatch(/^the transcript is not whole: ENOSPC/);
    await transcript.close();
  },
);
