import { expect, it } from 'vitest';
import type { MeasurementComparison } from '../../../harness/analysis/compare/comparison.ts';
import { changeText, fromNone, sentence } from '../../../harness/report/comparison/words.ts';
import { changeWords } from '../../../harness/report/html/comparison/words.ts';
import { comparisonOf } from './fixture.ts';

const comparison = comparisonOf();
const [cell] = comparison.cells;
const lost = cell?.measurements.find(({ measurement }) => measurement === 'lost') as MeasurementComparison;

function risen(median: number): MeasurementComparison {
  return {
    ...lost,
    base: { ...lost.base, median: 0, medianCi95: [0, 0] },
    candidate: { ...lost.candidate, median },
    change: null,
    verdict: 'regressed',
  };
}

it('losses that rise from none are told in words, since no ratio tells them', () => {
  expect([fromNone(risen(12)), fromNone(risen(0)), changeText(risen(12))]).toEqual([
    'from none to 12',
    'from none to some',
    '',
  ]);
  expect(fromNone(lost)).toBe('');
  expect(changeWords(risen(12))).toBe('from none to 12');
  expect(changeWords({ ...risen(12), candidate: { ...lost.candidate, median: null } })).toBe('unknown');
});

it('the sentence above everything has them, too', () => {
  const cells = [{ ...cell, verdict: 'regressed', measurements: [risen(12)] } as typeof cell & object];
  expect(sentence({ ...comparison, verdict: 'regressed', cells })).toContain('lost from none to 12');
});
