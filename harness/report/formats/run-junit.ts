/** A run as JUnit XML: a case for the run itself and one for each check; unknown is an error, so never taken for passed. */
import type { RunRecord } from '../../model.ts';
import { type Case, casesOf } from './run-cases.ts';
import { element } from './xml.ts';

export function runJunit(record: RunRecord): string {
  const { name } = record.head.scenario;
  const cases = casesOf(record);
  const count = (wanted: Case['state']) => cases.filter(({ state }) => state === wanted).length;
  const tally = {
    tests: cases.length,
    failures: count('fail'),
    errors: count('unknown'),
    skipped: count('skipped'),
    time: ((record.tail?.endedMs ?? 0) / 1_000).toFixed(3),
  };
  const lines = cases.map(
    (one) => `${element('testcase', { name: one.name, classname: `run.${name}`, time: 0 }, inside(one))}\n`,
  );
  const suite = element('testsuite', { name, timestamp: record.head.startedAt, ...tally }, ['\n', ...lines]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'thaw run', ...tally }, ['\n', suite, '\n'])}\n`;
}

function inside({ state, why }: Case): string[] {
  switch (state) {
    case 'pass':
      return [];
    case 'fail':
      return [element('failure', { message: why, type: state })];
    case 'unknown':
      return [element('error', { message: why, type: state })];
    case 'skipped':
      return [element('skipped', { message: why })];
  }
}
