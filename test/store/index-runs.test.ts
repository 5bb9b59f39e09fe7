import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRuns, indexRuns } from '../../harness/store/index-runs.ts';

const EXAMPLE = readFileSync(new URL('../../reports/example/record.json', import.meta.url), 'utf8');

describe('an index of runs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'thaw-index-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  it('finds runs at every depth, with the page of each that has one, and that of its suite', async () => {
    put('httpd/1/record.json', EXAMPLE);
    put('httpd/1/report.html', 'a page');
    put('matrix/suite-1/suite.json', '{}');
    put('matrix/suite-1/report.html', 'a page');
    put('matrix/suite-1/httpd/2/record.json', EXAMPLE);
    symlinkSync(folder, join(folder, 'circle'));
    const { runs, unreadable } = await findRuns(folder);
    expect(runs.map(({ directory, page, partOf }) => [directory, page, partOf])).toEqual([
      ['httpd/1', 'httpd/1/report.html', null],
      ['matrix/suite-1/httpd/2', null, 'matrix/suite-1/report.html'],
    ]);
    expect(unreadable).toEqual([]);
  });

  it('tells of a directory that is damaged, or none of a run, why', async () => {
    put('httpd/1/record.json', '{"schema":');
    put('httpd/2/record.json', EXAMPLE.replace('"schema": 1', '"schema": 99'));
    put('httpd/3/notes.txt', 'mine');
    mkdirSync(join(folder, 'empty'));
    put('later/sweep-1/sweep.json', '{}');
    const { runs, unreadable } = await findRuns(folder);
    expect(runs).toEqual([]);
    expect(unreadable.map(({ directory, why }) => `${directory}: ${why}`)).toEqual([
      'empty: it has neither head.json nor record.json: no run of Thaw, or it was killed as it began',
      expect.stringMatching(/^httpd\/1: record\.json is damaged: /),
      expect.stringMatching(/^httpd\/2: record\.json was written by a newer Thaw/),
      'httpd/3: it has neither head.json nor record.json: no run of Thaw, or it was killed as it began',
    ]);
  });

  it('lies in the folder, and is no run when it is made again', async () => {
    put('httpd/1/record.json', EXAMPLE);
    const first = await indexRuns(folder);
    const page = readFileSync(first.file, 'utf8');
    expect(await indexRuns(folder)).toEqual({ file: join(folder, 'index.html'), runs: 1, unreadable: [] });
    expect(readFileSync(first.file, 'utf8')).toBe(page);
  });

  it('says which folder is not there', async () => {
    await expect(findRuns(join(folder, 'none'))).rejects.toThrow(/none cannot be read: ENOENT/);
  });
});
