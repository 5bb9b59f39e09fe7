import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EnvironmentError } from '../../harness/errors.ts';
import { writeReport } from '../../harness/store/write-report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('puts a report in its place, in the place of an older one, and leaves nothing beside it', () => {
  const path = join(folder, 'junit.xml');
  writeReport(path, 'an older and longer one');
  writeReport(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['junit.xml']);
});

it('writes to a device as it is', () => {
  writeReport('/dev/null', 'x');
  expect(execFileSync('stat', ['-c', '%F', '/dev/null'], { encoding: 'utf8' })).toBe(
    'character special file\n',
  );
});

it('says why it cannot', () => {
  const beyond = join(folder, 'missing', 'x.csv');
  const write = (path: string) => () => writeReport(path, 'x');
  expect(write(folder)).toThrow(
    new EnvironmentError(`${folder} cannot be written: it is a directory`, 'give another file'),
  );
  expect(write(beyond)).toThrow(
    new EnvironmentError(`${beyond} cannot be written: the folder is not there`, 'give another file'),
  );
});
