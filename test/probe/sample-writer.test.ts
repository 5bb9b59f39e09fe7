import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSampleWriter } from '../../harness/probe/sample-writer.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-writer-'));
  file = join(directory, 'samples.ndjson');
});
afterEach(() => rmSync(directory, { recursive: true }));

const unexpected = (error: unknown): never => {
  throw error;
};

test('lines reach the file in their order, whatever the size of the writes', async () => {
  const writer = await openSampleWriter(file, unexpected);
  const lines = Array.from({ length: 3_000 }, (_, n) => `${n} ${'x'.repeat(100)}\n`);
  for (const line of lines) writer.write(line);
  await writer.flush();
  expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  writer.write('last\n');
  await writer.close();
  expect(readFileSync(file, 'utf8')).toBe(`${lines.join('')}last\n`);
});

test('an empty file that is there is used, one with samples is refused, and no link is followed', async () => {
  writeFileSync(file, '');
  await (await openSampleWriter(file, unexpected)).close();
  writeFileSync(file, 'old\n');
  await expect(openSampleWriter(file, unexpected)).rejects.toThrow(`${file} already holds samples`);
  const link = join(directory, 'link');
  symlinkSync(file, link);
  await expect(openSampleWriter(link, unexpected)).rejects.toThrow('ELOOP');
});

test('a write that fails is told once, and every later flush rejects', async () => {
  const errors: unknown[] = [];
  const writer = await openSampleWriter('/dev/full', (error) => errors.push(error));
  writer.write('a\n');
  await expect(writer.flush()).rejects.toThrow('ENOSPC');
  writer.write('b\n');
  await expect(writer.sync()).rejects.toThrow('ENOSPC');
  await expect(writer.close()).rejects.toThrow('ENOSPC');
  expect(errors.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ENOSPC']);
});
