import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunRecord, ServedBy } from '../../harness/model.ts';
import { medianMigration } from '../../harness/report/measurements.ts';
import { brokenText, servedBy } from '../../harness/report/sections/client.ts';
import { strip } from '../../harness/report/sections/distributions.ts';
import { sentence } from '../../harness/report/sections/headline.ts';
import { roundToSum } from '../../harness/report/sections/time.ts';
import { renderSummary } from '../../harness/report/summary.ts';
import { failingRecord, passingRecord } from './fixture.ts';

const plain = { width: 80, colour: false, directory: 'reports/x' };
const history = (hosts: string[]): ServedBy[] =>
  hosts.map((host, index) => ({ host, firstMs: index, lastMs: index, answers: 10 }));

describe('served by', () => {
  it.each([
    [[], 'unknown (no request was answered)'],
    [['a', 'b'], 'a → b; answers: a 10, b 10'],
    [['a', 'b', 'a', 'b', 'a', 'b', 'a'], 'a → b → … → a, in turn, 7 stretches; answers: a 40, b 30'],
    [
      ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b'],
      'a → b → c → … → b, in turn, 8 stretches; answers: a 30, b 30, c 20',
    ],
    [['a', 'b', 'a', 'a2', 'a', 'b', 'a'], 'a → b → a → a2 → a → b → a; answers: a 40, b 20, a2 10'],
    [['a', ''], 'a → (empty answer); answers: a 10, (empty answer) 10'],
  ])('%j reads %s', (hosts, text) => {
    expect(servedBy(history(hosts))).toBe(text);
  });

  it('is cut in the middle where it is long and out of turn', () => {
    const hosts = Array.from({ length: 30 }, (_, index) => (index === 17 ? 'x' : index % 2 ? 'b' : 'a'));
    expect(servedBy(history(hosts))).toBe(
      'a → b → a → b → a → b → a → b → a → b → (10 more) → a → b → a → b → a → b → a → b → a → b; answers: a 150, b 140, x 10',
    );
  });
});

describe('the strip of a distribution', () => {
  it('has a mark for every value', () => {
    expect(strip({ values: [0, 5, 5, 10] }, 13)).toBe('[o····2····o]');
    expect(strip({ values: [3, 3, 3] }, 8)).toBe('[3·····]');
    expect(strip({ values: new Array(12).fill(1) }, 8)).toBe('[+·····]');
  });
});

describe('the split of the frozen window', () => {
  it('adds up as it is shown, whatever the parts are', () => {
    const ms = fc.double({ min: -5, max: 900, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(ms, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 3 }),
        (parts, decimals) => {
          const total = parts.reduce((sum, part) => sum + part, 0);
          const shown = roundToSum(parts, total, decimals).reduce((sum, text) => sum + Number(text), 0);
          expect(Math.abs(shown - Number(total.toFixed(decimals)))).toBeLessThan(1.01 * 10 ** -decimals);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it('of parts with halves rounds up as few as the sum asks for', () => {
    expect(roundToSum([1.27, 2.26, 3.25], 6.78, 1)).toEqual(['1.3', '2.3', '3.2']);
  });

  it('shows what is attributed to nothing', () => {
    const record = passingRecord();
    const migrations = record.migrations.map((one) =>
      'window' in one.frozenWindow ? { ...one, frozenWindow: { ...one.frozenWindow, runtimeMs: 0 } } : one,
    );
    expect(renderSummary({ ...record, migrations }, plain)).toMatch(/ {2}not attributed +27\.8 ms +9 %\n/);
  });

  it('is of the measured migration in the middle, never of the warm-up', () => {
    const record: RunRecord = passingRecord();
    expect(medianMigration(record)?.number).toBe(2);
    expect(medianMigration({ ...record, migrations: record.migrations.slice(0, 1) })).toBeNull();
  });
});

describe('failed migrations', () => {
  it('are counted where there are more than can be shown', () => {
    const record = failingRecord();
    const one = record.migrations.filter((migration) => migration.outcome.state === 'failed');
    const many = { ...record, migrations: Array.from({ length: 13 }, () => one).flat() };
    expect(renderSummary(many, plain)).toContain('\n  and 3 more; all of them stand in record.json\n');
  });
});

describe('the headline', () => {
  it('tells how long a run for some time took, where something else ended it before', () => {
    const record = passingRecord();
    const withTime = (count: number, outcome: RunRecord['outcome']): string => {
      const { scenario } = record.head;
      const migration = { ...scenario.migration, forMs: 28_800_000, count };
      return sentence({ ...record, outcome, head: { ...record.head, scenario: { ...scenario, migration } } });
    };
    expect(withTime(1_000, 'completed')).toContain('10 of 10 measured migrations completed in 8.0 h;');
    const took = /10 of 10 measured migrations completed in \d+ s;/;
    expect(withTime(10, 'completed')).toMatch(took);
    expect(withTime(1_000, 'interrupted')).toMatch(took);
  });

  const headline = (change: Partial<RunRecord>, reason: string | null) => {
    const record = { ...passingRecord(), ...change };
    const tail = record.tail && { ...record.tail, reason };
    const lines = renderSummary({ ...record, tail }, plain).split('\n\n')[0] ?? '';
    return lines.replaceAll(/\n +/g, ' ');
  };
  const start = 'httpd: 10 of 10 measured migrations completed; all 5 checks passed;';

  it.each([
    [
      'completed',
      'unmount /runc: EBUSY\n cgroup: EBUSY',
      'PASS',
      'afterwards: unmount /runc: EBUSY; cgroup: EBUSY',
    ],
    ['failed', 'no space', 'UNKNOWN', 'the run failed: no space'],
    ['failed', null, 'UNKNOWN', 'the run failed: it ended before it could say why'],
    ['interrupted', 'SIGINT', 'UNKNOWN', 'the run was interrupted: SIGINT'],
  ] as const)(
    'of a run that is %s because of %j never says more than is known',
    (outcome, reason, verdict, text) => {
      expect(headline({ outcome }, reason)).toBe(`${verdict}  ${start} ${text}`);
    },
  );
});

describe('version skew', () => {
  it('is seen as a line for each host', () => {
    const record = passingRecord();
    const [first, second] = record.head.hosts;
    if (first === undefined || second === undefined) throw new Error('the fixture has two hosts');
    const skewed = { ...second, toolchain: { ...second.toolchain, criu: '4.1.1' } };
    const text = renderSummary({ ...record, head: { ...record.head, hosts: [first, skewed] } }, plain);
    expect(text).toContain('\n  rhel01  runc 1.3.6, CRIU 4.2.1,');
    expect(text).toContain('\n  rhel02  runc 1.3.6, CRIU 4.1.1,');
  });
});

describe('what half-open connections did', () => {
  it('is told with a migration that failed for one, and connections that broke add up', () => {
    const [first, ...others] = failingRecord().migrations.filter(({ outcome }) => outcome.state === 'failed');
    if (first === undefined) throw new Error('none failed');
    const record = { ...failingRecord(), migrations: [{ ...first, retries: 9 }, ...others] };
    expect(renderSummary(record, plain)).toContain(
      '\n      the dump was tried 10 times (in-flight: retry)\n',
    );
    const told = [
      { broken: 23, reset: 21, timedOut: 0 },
      { broken: 2, reset: 0, timedOut: 2 },
      { broken: 1, reset: 0, timedOut: 0 },
    ].map(brokenText);
    expect(told).toEqual(['23 broke (21 reset, 2 otherwise)', '2 broke (2 timed out)', '1 broke']);
  });
});
