import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compress, linesOfPieces, nextPiece, pieceName, unpacked } from '../../harness/store/pieces.ts';
import { refusal, scratch } from './fixture.ts';

let place: ReturnType<typeof scratch>;
let path: string;
beforeEach(() => {
  place = scratch();
  path = join(place.directory, 'samples.ndjson');
});
afterEach(() => place.clean());

const texts = (): string[] => [...linesOfPieces(path)].map(({ text }) => text);

test('a compressed file has what it had, and is read by its own name', async () => {
  writeFileSync(path, 'a\nb\n');
  await compress(path);
  expect(existsSync(path)).toBe(false);
  expect(gunzipSync(readFileSync(`${path}.gz`)).toString()).toBe('a\nb\n');
  expect(unpacked(path, 100)?.toString()).toBe('a\nb\n');
  expect(unpacked(join(place.directory, 'no such'), 100)).toBeNull();
  await compress(join(place.directory, 'no such'));
});

test('lines come from the oldest piece to the newest, compressed or not, each with its own file', async () => {
  for (const number of [1, 2]) {
    writeFileSync(path, `${number}a\n${number}b\n`);
    const piece = pieceName(path, nextPiece(path));
    renameSync(path, piece);
    if (number === 1) await compress(piece);
  }
  writeFileSync(path, '3a\n3b');
  expect(nextPiece(path)).toBe(3);
  expect(texts()).toEqual(['1a', '1b', '2a', '2b', '3a', '3b']);
  expect([...linesOfPieces(path)].at(-1)).toEqual({ text: '3b', number: 2, complete: false, file: path });
  expect([...linesOfPieces(path)][2]).toMatchObject({ number: 1, file: pieceName(path, 2) });
});

test('a file that becomes a piece while it is read gives no line twice, and none is left out', () => {
  writeFileSync(path, '1a\n1b\n');
  const lines = linesOfPieces(path);
  const seen = [lines.next().value?.text];
  renameSync(path, pieceName(path, 1));
  writeFileSync(path, '2a\n');
  for (const { text } of lines) seen.push(text);
  // What came after the reading began may stand in the next file.
  expect(seen).toEqual(['1a', '1b']);
  expect(texts()).toEqual(['1a', '1b', '2a']);
});

test('a damaged or boundless compressed file is refused by name', async () => {
  writeFileSync(`${path}.gz`, 'no gzip');
  expect(await refusal(() => unpacked(path, 100))).toEqual([
    64,
    expect.stringContaining(`${path}.gz is damaged`),
  ]);
  writeFileSync(`${path}.gz`, gzipSync(Buffer.alloc(1_001)));
  expect(await refusal(() => unpacked(path, 1_000))).toEqual([
    64,
    expect.stringContaining(`${path}.gz is damaged`),
  ]);
  expect(unpacked(path, 1_001)).toEqual(Buffer.alloc(1_001));
});
