import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compareRuns } from '../harness/compare.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { renderComparisonPage } from '../harness/report/html/comparison/page.ts';
import { indexAssets } from '../harness/store/assets.ts';
import { saveBaseline } from '../harness/store/baseline.ts';
import { loadRecord } from '../harness/store/load-record.ts';
import { thawVersion } from '../harness/version.ts';
import { OPTIONS } from './report/comparison/fixture.ts';

const EXAMPLE = 'reports/example/record.json';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-compare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The example against itself at another time. */
async function request() {
  const record = await loadRecord(EXAMPLE);
  const other = { ...record, head: { ...record.head, id: 'another', originNs: '1' } };
  const baseline = join(folder, 'base.json');
  saveBaseline(baseline, [other]);
  return { record, other, asked: { base: { baseline }, candidate: [EXAMPLE], options: OPTIONS } };
}

it('writes the page of a comparison where it is wanted, made of the runs of both sides', async () => {
  const { record, other, asked } = await request();
  const html = join(folder, 'c.html');
  const comparison = await compareRuns({ ...asked, html });
  const compared = { comparison, base: [other], candidate: [record], thaw: thawVersion() };
  expect(readFileSync(html, 'utf8')).toBe(renderComparisonPage(compared, indexAssets()));
  expect(readdirSync(folder).sort()).toEqual(['base.json', 'c.html']);
});

it('says that the page cannot be written', async () => {
  const { asked } = await request();
  const html = join(folder, 'none/c.html');
  await expect(compareRuns({ ...asked, html })).rejects.toThrow(EnvironmentError);
});
