import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { deriveRecord } from '../../harness/run.ts';
import { saveReports } from '../../harness/store/reports.ts';
import { passingRecord } from '../report/fixture.ts';
import { packed, samplesOf } from '../report/html/fixture.ts';
import { makeRun, refusal, scratch } from './fixture.ts';

const { directory, clean } = scratch();
afterEach(clean);

describe('the page in a run directory', () => {
  it('is made with the record, from the raw files alone, and the same each time', async () => {
    mkdirSync(directory, { recursive: true });
    const run = makeRun(join(directory, 'reports')).directory;
    const copy = join(directory, 'copy');
    cpSync(run, copy, { recursive: true });
    const asked = join(directory, 'asked.html');
    await deriveRecord(run);
    await deriveRecord(copy, { html: asked });
    const pages = [join(run, 'report.html'), join(copy, 'report.html'), asked].map((file) =>
      readFileSync(file, 'utf8'),
    );
    expect(pages[0]).toMatch(/^<!doctype html>\n/);
    expect(pages.map((page) => page === pages[0])).toEqual([true, true, true]);
  });

  it('has a summary with its picture beside it where one is asked for', async () => {
    mkdirSync(directory, { recursive: true });
    const markdown = join(directory, 'my run.md');
    await deriveRecord(makeRun(join(directory, 'reports')).directory, { markdown });
    expect(readFileSync(markdown, 'utf8')).toContain('![Every request of the run](<my%20run.svg>)');
    expect(readFileSync(join(directory, 'my run.svg'), 'utf8')).toMatch(/^<svg xmlns="[\s\S]*<\/svg>\n$/);
  });

  it('has a trace beside it where one is asked for, the same each time', async () => {
    mkdirSync(directory, { recursive: true });
    const run = makeRun(join(directory, 'reports')).directory;
    const traces = [join(directory, 'a.json'), join(directory, 'b.json')];
    for (const trace of traces) await deriveRecord(run, { trace });
    const [first, second] = traces.map((file) => readFileSync(file, 'utf8'));
    expect(first).toBe(second);
    expect(JSON.parse(first as string)).toHaveProperty('traceEvents.0.name', 'process_name');
    const missing = join(directory, 'missing', 'a.json');
    expect(await refusal(() => deriveRecord(run, { trace: missing }))).toEqual([
      2,
      expect.stringMatching(/missing\/a\.json cannot be written: the folder is not there$/),
    ]);
  });

  it('is an error of the environment where its file cannot be written', async () => {
    mkdirSync(directory, { recursive: true });
    const samples = packed(samplesOf(1));
    const missing = join(directory, 'missing', 'a.html');
    expect(await refusal(() => saveReports(directory, passingRecord(), samples, { html: missing }))).toEqual([
      2,
      expect.stringMatching(/missing\/a\.html cannot be written: the folder is not there$/),
    ]);
  });
});
