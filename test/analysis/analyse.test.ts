import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse, analyseMigration } from '../../harness/analysis/analyse.ts';
import { BEFORE_MS } from '../../harness/analysis/windows.ts';
import type { MigrationObservation, RawRun, Sample } from '../../harness/model.ts';
import { answered, at, command, lost, NO_FILES, observation, rawRun, scenario } from './fixture.ts';

const HOSTS = ['rhel01', 'rhel02'] as const;
const PERIOD_MS = 1_000 / scenario.probe.ratePerSecond;

/** Migrations that begin each 3 s, each without service from 100 ms after its begin, for `outageMs`. */
function world(outages: readonly number[]): { migrations: MigrationObservation[]; samples: Sample[] } {
  const migrations = outages.map((outageMs, i) => {
    const begunMs = 3_000 * (i + 1);
    const stop = begunMs + 100;
    return observation({
      number: i + 1,
      warmUp: i < scenario.migration.warmUp,
      source: HOSTS[i % 2] as string,
      destination: HOSTS[(i + 1) % 2] as string,
      begunMs,
      endedMs: stop + outageMs + 20,
      steps: {
        checkpoint: command('', at(begunMs + 5), at(stop + outageMs / 2)),
        restore: command('', at(stop + outageMs / 2 + 4), at(stop + outageMs + 10)),
      },
    });
  });
  const samples: Sample[] = [];
  for (let due = 0; due < 3_000 * (outages.length + 1); due += PERIOD_MS) {
    const i = Math.floor(due / 3_000) - 1;
    const stop = 3_000 * (i + 1) + 100;
    const serving = i >= 0 && due < stop ? HOSTS[i % 2] : HOSTS[(i + 1) % 2];
    const out = i >= 0 && due >= stop && due < stop + (outages[i] as number);
    samples.push(out ? lost(due, due + 0.5) : answered(serving as string, due, due + 1));
  }
  return { migrations, samples };
}

function runOf({ migrations, samples }: ReturnType<typeof world>): RawRun {
  return rawRun({ migrations: migrations.map((one) => ({ observation: one, files: NO_FILES })), samples });
}

describe('analyse', () => {
  it('gives the same bytes for the same run', () => {
    const made = world([200, 300, 250]);
    expect(JSON.stringify(analyse(runOf(made)))).toBe(JSON.stringify(analyse(runOf(made))));
  });

  it('reads the samples once, as they come', () => {
    const made = world([200, 300]);
    let passes = 0;
    const samples: Iterable<Sample> = {
      *[Symbol.iterator]() {
        passes++;
        yield* made.samples;
      },
    };
    expect(analyse({ ...runOf(made), samples })).toEqual(analyse(runOf(made)));
    expect(passes).toBe(1);
  });

  it('attributes every lost request to its migration, and finds the time without service', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 6 }), (outages) => {
        const made = world(outages);
        const { migrations, probe, servedBy, verdicts } = analyse(runOf(made));
        const inAll = migrations.reduce((sum, { lost: { refused } }) => sum + refused, 0);
        expect(inAll).toBe(made.samples.filter(({ state }) => state === 'failed').length);
        expect([probe.samples, probe.failed.refused]).toEqual([made.samples.length, inAll]);
        migrations.forEach(({ downtime }, i) => {
          const { ms, bracketMs } = downtime as { ms: number; bracketMs: number };
          expect(Math.abs(ms - (outages[i] as number))).toBeLessThanOrEqual(2 * PERIOD_MS + 0.01);
          expect(bracketMs).toBeGreaterThanOrEqual(ms);
        });
        expect(servedBy.map(({ host }) => host)).toEqual(
          Array.from({ length: outages.length + 1 }, (_, i) => HOSTS[i % 2]),
        );
        const judged = new Map(verdicts.map(({ check, state }) => [check, state]));
        expect([judged.get('known hosts'), judged.get('no split brain'), judged.get('host order')]).toEqual([
          'pass',
          'pass',
          'pass',
        ]);
      }),
      { numRuns: 30 },
    );
  });

  it('sees in the samples around a migration what it sees in the whole run', () => {
    const made = world([200, 300, 250]);
    const whole = analyse(runOf(made));
    const [, second, third] = made.migrations as [
      MigrationObservation,
      MigrationObservation,
      MigrationObservation,
    ];
    const near = made.samples.filter(({ due }) => due >= second.begunMs - BEFORE_MS && due < third.begunMs);
    const alone = analyseMigration({
      head: { scenario, hosts: [] },
      tail: null,
      observation: second,
      files: NO_FILES,
      view: {
        before: near.filter(({ due }) => due < second.begunMs),
        own: near.filter(({ due }) => due >= second.begunMs),
      },
    });
    expect(alone).toEqual(whole.migrations[1]);
  });

  it('of a run without a migration and without an end knows nothing, and does not pass', () => {
    const record = analyse(rawRun());
    expect([record.outcome, record.verdict, record.migrations, record.servedBy]).toEqual([
      'interrupted',
      'unknown',
      [],
      [],
    ]);
    expect(record.probe).toEqual({
      samples: 0,
      answered: 0,
      failed: { refused: 0, reset: 0, timeout: 0, unreachable: 0, garbled: 0, other: 0 },
      dropped: 0,
      lateness: null,
      latency: null,
      connections: 0,
    });
    expect(record.verdicts.filter(({ state }) => state === 'pass')).toEqual([]);
  });

  it('keeps migrations that failed, with what is unknown of them', () => {
    const made = world([200]);
    const [first] = made.migrations as [MigrationObservation];
    const outcome = {
      state: 'failed',
      phase: 'dump',
      survivor: 'rhel01',
      rolledBack: false,
      error: 'exit 1',
    } as const;
    const record = analyse(
      rawRun({ migrations: [{ observation: { ...first, outcome }, files: NO_FILES }], samples: [] }),
    );
    expect(record.migrations).toMatchObject([
      {
        number: 1,
        outcome,
        downtime: { unknown: 'the migration failed at dump' },
        frozenWindow: { unknown: 'the migration failed at dump' },
      },
    ]);
    expect(record.verdict).toBe('fail');
  });
});
