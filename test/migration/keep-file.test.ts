import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepFile } from '../../harness/migration/keep-file.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-keep-'));
});
afterAll(() => rmSync(place, { recursive: true }));

it('a file of a migration is kept in a folder that is made for it', () => {
  expect(keepFile(join(place, 'a/b'), 'dump.log', 'x')).toBe(true);
  expect(readFileSync(join(place, 'a/b/dump.log'), 'utf8')).toBe('x');
});

it.each(['/dev/null', '/dev/null/files'])(
  'where %s takes none it is lost, and nothing is thrown',
  (directory) => {
    expect(keepFile(directory, 'dump.log', 'x')).toBe(false);
  },
);

it('of one that did not fit nothing is left', () => {
  // What cannot be written there is a file by that name.
  expect(keepFile(place, `${'x'.repeat(300)}`, 'x')).toBe(false);
  expect(readdirSync(place)).toEqual(['a']);
});
