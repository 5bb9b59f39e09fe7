import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadBaseline, saveBaseline } from '../../harness/store/baseline.ts';
import { record } from './fixture.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-baseline-'));
  file = join(folder, 'baseline.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what was saved is read back, and the same runs give the same bytes', () => {
  saveBaseline(file, [record, record]);
  expect(loadBaseline(file)).toEqual([record, record]);
  const first = readFileSync(file, 'utf8');
  saveBaseline(file, [record, record]);
  expect(readFileSync(file, 'utf8')).toBe(first);
});

test.each([0, 2, 99, '1'])('one of schema %j is refused, and it is told what to do', (version) => {
  saveBaseline(file, [record]);
  const text = readFileSync(file, 'utf8').replace('"baseline":1', `"baseline":${JSON.stringify(version)}`);
  writeFileSync(file, text);
  expect(() => loadBaseline(file)).toThrow(
    expect.objectContaining({
      message: `${file} is a baseline of schema ${JSON.stringify(version)}, and this Thaw compares with schema 1`,
      next: expect.stringContaining('save it again'),
    }),
  );
});

test('what is none, holds no run or a damaged one, or is not there is refused', () => {
  const of = (value: unknown) => {
    writeFileSync(file, JSON.stringify(value));
    return () => loadBaseline(file);
  };
  expect(of(record)).toThrow('is no baseline');
  expect(of({ baseline: 1, runs: [] })).toThrow('runs');
  expect(of({ baseline: 1, runs: [{ ...record, verdict: 'fine' }] })).toThrow('verdict');
  expect(() => loadBaseline(join(folder, 'nothing'))).toThrow('cannot be read');
});

test('without runs none is written', () => {
  expect(() => saveBaseline(file, [])).toThrow();
  expect(() => readFileSync(file)).toThrow('ENOENT');
});
