import { describe, expect, it } from 'vitest';
import { execute } from '../../harness/cli/execute.ts';
import { UsageError } from '../../harness/errors.ts';
import { renderComparison } from '../../harness/report/comparison/summary.ts';
import { comparisonCsv } from '../../harness/report/formats/comparison-csv.ts';
import { comparisonJunit } from '../../harness/report/formats/comparison-junit.ts';
import { comparisonMarkdown } from '../../harness/report/formats/comparison-markdown.ts';
import { comparisonOf, OPTIONS } from '../report/comparison/fixture.ts';
import { fakeContext } from './fake-context.ts';

const compared = (verdict: 'regressed' | 'unknown' | 'improved') => ({
  compareRuns: async () => ({ ...comparisonOf(), verdict }),
});

describe('thaw compare', () => {
  it('takes a base and a candidate, and shows what it found, for anyone on any system', async () => {
    const fake = fakeContext(['compare', 'a', 'b'], { uid: 1000, platform: 'darwin' });
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([['compare', { base: ['a'], candidate: ['b'], options: OPTIONS }]]);
    expect([fake.out(), fake.err()]).toEqual([
      renderComparison(comparisonOf(), { width: 80, colour: false }),
      '',
    ]);
  });

  it('takes several runs on each side, and what decides', async () => {
    const argv = 'compare a b --with c d --threshold 2.5% --alpha 0.01 --measurement downtime lost --seed 7';
    const fake = fakeContext([...argv.split(' '), '--allow-differences']);
    expect(await execute(fake.context)).toBe(0);
    const options = {
      alpha: 0.01,
      threshold: 0.025,
      seed: 7,
      measurements: ['downtime', 'lost'],
      allowDifferences: true,
    };
    expect(fake.calls).toEqual([['compare', { base: ['a', 'b'], candidate: ['c', 'd'], options }]]);
  });

  it('keeps runs as a baseline, and takes one as the base of all runs', async () => {
    const kept = fakeContext(['compare', '--save-baseline', 'base.json', 'a', 'b']);
    expect(await execute(kept.context)).toBe(0);
    expect(kept.calls).toEqual([['keep baseline', 'base.json', ['a', 'b']]]);
    expect(kept.out()).toBe(
      '2 runs with 30 measured migrations kept in base.json\nnext: thaw compare --baseline base.json CANDIDATE\n',
    );
    const fake = fakeContext(['compare', '--baseline', 'base.json', 'c', 'd', 'e']);
    expect(await execute(fake.context)).toBe(0);
    const sides = { base: { baseline: 'base.json' }, candidate: ['c', 'd', 'e'] };
    expect(fake.calls).toEqual([['compare', { ...sides, options: OPTIONS }]]);
  });

  it.each([[['--baseline', 'f', '--with', 'b']], [['--save-baseline', 'f', '--baseline', 'g']]])(
    'refuses %j together',
    async (options) => {
      const fake = fakeContext(['compare', 'a', ...options]);
      expect([await execute(fake.context), fake.calls]).toEqual([64, []]);
    },
  );

  it.each([
    ['improved', 0],
    ['regressed', 1],
    ['unknown', 2],
  ] as const)('ends where it is %s with %i', async (verdict, code) => {
    const fake = fakeContext(['compare', 'a', 'b'], { actions: compared(verdict) });
    expect(await execute(fake.context)).toBe(code);
  });

  it('prints the comparison and nothing else with --json, and writes the files that are asked for', async () => {
    const files = ['--junit', 'c.xml', '--csv', 'c.csv', '--markdown', 'c.md'];
    const fake = fakeContext(['compare', 'a', 'b', '--json', ...files]);
    await execute(fake.context);
    const found = comparisonOf();
    expect(JSON.parse(fake.out())).toEqual(found);
    expect(fake.calls.slice(1)).toEqual([
      ['write', 'c.xml', comparisonJunit(found)],
      ['write', 'c.csv', comparisonCsv(found)],
      ['write', 'c.md', comparisonMarkdown(found)],
    ]);
  });

  it('asks for the page of it, where one is wanted', async () => {
    const fake = fakeContext(['compare', 'a', 'b', '--html', 'c.html']);
    expect(await execute(fake.context)).toBe(0);
    const request = { base: ['a'], candidate: ['b'], options: OPTIONS, html: 'c.html' };
    expect(fake.calls).toEqual([['compare', request]]);
  });

  it('ends with 64 where runs cannot be compared', async () => {
    const compareRuns = async () => {
      throw new UsageError('base and candidate differ');
    };
    const fake = fakeContext(['compare', 'a', 'b'], { actions: { compareRuns } });
    expect([await execute(fake.context), fake.out()]).toEqual([64, '']);
  });

  it.each([
    [['a'], 'which of two runs is the candidate is not said'],
    [['a', 'b', 'c'], 'which of the 3 runs is the candidate is not said'],
    [['a', 'b', '--threshold', '0.05'], /It must be a percentage, such as 5%\./],
    [['a', 'b', '--alpha', '5'], /It must be a probability, such as 0\.05\./],
    [['a', 'b', '--treshold', '5%'], /unknown option '--treshold'\nnext: did you mean --threshold\?/],
  ])('refuses %j', async (argv, message) => {
    const fake = fakeContext(['compare', ...argv]);
    expect(await execute(fake.context)).toBe(64);
    expect([fake.out(), fake.calls]).toEqual(['', []]);
    expect(fake.err()).toMatch(message);
  });
});
