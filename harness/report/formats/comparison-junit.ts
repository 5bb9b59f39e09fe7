/**
 * A comparison as JUnit XML: a suite for each scenario, a case for each measurement. Regressed is a failure, and
 * unknown an error, so that it is never taken for passed.
 */
import type { Cell, Comparison } from '../../analysis/compare/comparison.ts';
import { changeText, fromNone, percentInterval, pValue } from '../comparison/words.ts';
import { junitFile, type Tally } from './junit.ts';
import { element, escapeXml } from './xml.ts';

export function comparisonJunit({ cells }: Comparison): string {
  const suites = cells.map(suiteOf);
  return junitFile('thaw compare', tally(cells.flatMap(casesOf)), suites);
}

interface Case {
  name: string;
  verdict: Cell['verdict'];
  said: string;
}

function suiteOf(cell: Cell): string {
  const cases = casesOf(cell);
  const className = `compare.${cell.scenario}`;
  const lines = cases.map(
    (one) => `${element('testcase', { name: one.name, classname: className, time: 0 }, outcomeOf(one))}\n`,
  );
  return `${element('testsuite', { name: cell.scenario, ...tally(cases), time: 0 }, ['\n', ...lines])}\n`;
}

function casesOf({ failures, measurements }: Cell): Case[] {
  return [
    ...measurements.map((one) => ({
      name: one.measurement,
      verdict: one.verdict,
      said: [
        one.why,
        one.change === null ? fromNone(one) : `change ${changeText(one)} (${percentInterval(one.change)})`,
        `p ${pValue(one.pAdjusted)}`,
      ]
        .filter(Boolean)
        .join('; '),
    })),
    {
      name: 'failed',
      verdict: failures.verdict,
      said: `${failures.why}; ${failedOf(failures.base)} against ${failedOf(failures.candidate)}; p ${pValue(failures.pAdjusted)}`,
    },
  ];
}

function outcomeOf({ verdict, said }: Case): string[] {
  switch (verdict) {
    case 'regressed':
      return [element('failure', { message: said, type: verdict })];
    case 'unknown':
      return [element('error', { message: said, type: verdict })];
    case 'improved':
    case 'no difference shown':
      return [element('system-out', {}, [escapeXml(`${verdict}: ${said}`)])];
  }
}

function tally(cases: readonly Case[]): Tally {
  const count = (wanted: string) => cases.filter(({ verdict }) => verdict === wanted).length;
  return { tests: cases.length, failures: count('regressed'), errors: count('unknown'), skipped: 0 };
}

function failedOf({ failed, migrations }: Cell['failures']['base']): string {
  return `${failed} of ${migrations}`;
}
