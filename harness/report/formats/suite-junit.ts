/** A suite as JUnit XML: a test suite for each scenario, a case for each cell; what is expected to fail is skipped. */
import type { CellState, SuiteCell, SuiteResult } from '../../analysis/suite/result.ts';
import { reasonsOf } from '../suite/words.ts';
import { junitFile, output } from './junit.ts';
import { element } from './xml.ts';

/** `directory`: of the suite, as whoever reads the file finds it; null where its runs lie elsewhere. */
export function suiteJunit({ name, cells }: SuiteResult, directory: string | null = null): string {
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))];
  const suites = scenarios.map((scenario) => {
    const own = cells.filter((cell) => cell.scenario === scenario);
    const cases = own.map((cell) => `${caseOf(cell, name, directory)}\n`);
    return `${element('testsuite', { name: scenario, ...tallyOf(own) }, ['\n', ...cases])}\n`;
  });
  return junitFile(`thaw suite ${name}`, tallyOf(cells), suites);
}

function tallyOf(cells: readonly SuiteCell[]) {
  const count = (kind: Kind) => cells.filter(({ state }) => KINDS[state] === kind).length;
  const seconds = cells.reduce((sum, cell) => sum + secondsOf(cell), 0);
  return {
    tests: cells.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds.toFixed(3),
  };
}

function secondsOf({ attempts }: SuiteCell): number {
  return attempts.reduce((sum, { seconds }) => sum + seconds, 0);
}

type Kind = 'passed' | 'failure' | 'error' | 'skipped';

/** Nothing that did not pass is taken for passed. */
const KINDS: Record<CellState, Kind> = {
  pass: 'passed',
  expected: 'skipped',
  fail: 'failure',
  'unexpected-pass': 'failure',
  flaky: 'error',
  unknown: 'error',
  skipped: 'skipped',
  'not-run': 'error',
};

function caseOf(cell: SuiteCell, suite: string, directory: string | null): string {
  const kind = KINDS[cell.state];
  const attributes = { name: cell.id, classname: `suite.${suite}`, time: secondsOf(cell).toFixed(3) };
  const runs = cell.attempts.flatMap(({ run }) => (run === null || directory === null ? [] : [run]));
  const files = output(
    '',
    runs.map((run) => `${directory}/${run}/report.html`),
  );
  if (kind === 'passed') return element('testcase', attributes, files);
  const message = reasonsOf(cell).join('\n');
  const type = kind === 'skipped' ? undefined : cell.state;
  return element('testcase', attributes, [element(kind, { message, type }), ...files]);
}
