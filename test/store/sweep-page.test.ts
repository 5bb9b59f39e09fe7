import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sweepResult } from '../../harness/analysis/sweep/result.ts';
import { saveSweepPage } from '../../harness/store/sweep-page.ts';
import { skewPlan, skewRuns } from '../report/sweep/fixture.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-sweep-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const linksIn = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/<a href="(\.\/[^"]*)"/g)].map(([, href]) => href);

it('writes the page into the directory and where it is asked for, and links what is there from either', () => {
  const plan = skewPlan();
  const runs = skewRuns(plan);
  const directory = join(folder, 'skew/sweep-1');
  mkdirSync(join(directory, 'run/0'), { recursive: true });
  writeFileSync(join(directory, 'run/0/report.html'), 'a page');
  const html = join(folder, 'sent.html');
  saveSweepPage({ directory, result: sweepResult(plan, runs), runs }, html);
  expect(linksIn(join(directory, 'report.html'))).toEqual(['./run/0/report.html']);
  expect(linksIn(html)).toEqual(['./skew/sweep-1/run/0/report.html']);
  const before = readFileSync(html, 'utf8');
  saveSweepPage({ directory, result: sweepResult(plan, runs), runs }, html);
  expect(readFileSync(html, 'utf8')).toBe(before);
});
