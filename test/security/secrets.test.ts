import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startClock } from '../../harness/clock.ts';
import { COMMAND_ENV, run } from '../../harness/host/local.ts';
import { localHost } from '../../harness/host/local-host.ts';
import { deferredTranscript, type TranscriptEntry } from '../../harness/host/transcript.ts';

const SECRET = 'a-secret-of-the-caller';
beforeEach(() => {
  process.env.THAW_TEST_TOKEN = SECRET;
});
afterEach(() => {
  delete process.env.THAW_TEST_TOKEN;
});

it("a command of this machine gets nothing of the caller's environment", async () => {
  const { stdout } = await run(['env'], { timeoutMs: 10_000 });
  expect(stdout).toContain(`PATH=${COMMAND_ENV.PATH}`);
  expect(stdout).not.toContain(SECRET);
});

it('nor does one of a host, so that what it prints cannot put it into the transcript', async () => {
  const entries: TranscriptEntry[] = [];
  const transcript = deferredTranscript();
  transcript.moveTo({ record: (entry) => void entries.push(entry), close: async () => {} });
  const host = localHost({ name: 'client', enter: [], clock: startClock(), transcript });
  await host.exec(['env'], { timeoutMs: 10_000 });
  expect(entries).toHaveLength(1);
  expect(JSON.stringify(entries)).toContain('LC_ALL=C.UTF-8');
  expect(JSON.stringify(entries)).not.toContain(SECRET);
});

it('every promise in docs/security.md names tests that are there', () => {
  const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const named = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(15);
  for (const name of named)
    expect(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')).toContain('expect(');
  const own = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
  expect(own.filter((name) => !named.includes(`test/security/${name}`))).toEqual([]);
});
