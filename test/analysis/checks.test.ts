import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CheckInput, verdicts, worst } from '../../harness/analysis/checks.ts';
import { noLosses } from '../../harness/analysis/downtime.ts';
import { verdictSoFar } from '../../harness/analysis/verdict-so-far.ts';
import type {
  ChecksPlan,
  DumpStats,
  MemoryHistory,
  MigrationResult,
  ServedBy,
  Verdict,
} from '../../harness/model.ts';
import { migrationOf, passingRecord, scenario } from '../report/fixture.ts';

const NOTHING: ChecksPlan = {
  knownHosts: false,
  noSplitBrain: false,
  oneContainer: false,
  sameContainer: false,
  noLostState: false,
  noLostWrites: false,
  sameBytes: false,
  hostOrder: false,
  failedMigrationsAtMost: 0,
  brokenConnectionsAtMost: null,
  lostRequestsAtMost: null,
  limits: [],
};

function stretch(host: string, answers = 5): ServedBy {
  return { host, firstMs: 0, lastMs: 0, answers };
}

/** Three migrations of one run, the first a warm-up. */
const RESULTS = [0, 1, 2].map(migrationOf);

function input(checks: Partial<ChecksPlan>, changes: Partial<CheckInput> = {}): CheckInput {
  return {
    scenario: {
      ...scenario,
      checks: { ...NOTHING, ...checks },
      migration: { ...scenario.migration, warmUp: 1, count: 2 },
    },
    results: RESULTS,
    servedBy: ['rhel01', 'rhel02', 'rhel01', 'rhel02'].map((host) => stretch(host)),
    expected: ['rhel01', 'rhel02', 'rhel01', 'rhel02'],
    probe: { ...passingRecord().probe, samples: 100, dropped: 0, failed: noFailures() },
    memory: null,
    bodies: { answers: 0, unknown: 0, differing: 0, first: null },
    sanitizer: [],
    splitBrain: new Map(RESULTS.map(({ number }) => [number, { answers: 0, heard: true }])),
    ...changes,
  };
}

function noFailures() {
  const { dropped: _, ...failed } = noLosses();
  return failed;
}

/** The verdict of the one check that was asked for, beside that on failed migrations. */
function judge(checks: Partial<ChecksPlan>, changes: Partial<CheckInput> = {}): Verdict | undefined {
  return verdicts(input(checks, changes))[1];
}

function failedAt(result: MigrationResult): MigrationResult {
  const outcome = {
    state: 'failed',
    phase: 'dump',
    survivor: result.source,
    rolledBack: false,
    error: '',
  } as const;
  return {
    ...result,
    outcome,
    downtime: { unknown: 'the migration failed at dump' },
    gap: { unknown: 'no restore' },
  };
}

describe('sanitizers', () => {
  const report = (n: number) => ({
    host: 'rhel01',
    summary: `overflow ${n}`,
    file: `sanitizer/rhel01/report.${n}`,
  });

  it('fail the run where one reported something, and tell the first', () => {
    const sanitizer = [1, 2, 3, 4, 5].map(report);
    expect(judge({}, { sanitizer })).toEqual({
      check: 'sanitizers',
      state: 'fail',
      why: '5 reports: rhel01: overflow 1 (sanitizer/rhel01/report.1); rhel01: overflow 2 (sanitizer/rhel01/report.2); rhel01: overflow 3 (sanitizer/rhel01/report.3); and 2 more in sanitizer/',
    });
    expect(judge({}, { sanitizer: [report(1)] })?.why).toMatch(/^1 report: /);
  });

  it('are no check where nothing was reported: nobody knows whether there was a sanitizer', () => {
    expect(verdicts(input({})).map(({ check }) => check)).toEqual(['failed migrations']);
  });
});

describe('same bytes', () => {
  const of = { bytes: 7, checksum: 0xcafe };
  const first = { n: 7, host: 'rhel01', bytes: 7, checksum: 0x1b851995, of };
  it.each([
    [{ answers: 0, unknown: 4, differing: 0, first: null }, 'unknown', 'of no answer the bytes are known'],
    [
      { answers: 9, unknown: 1, differing: 0, first: null },
      'unknown',
      '9 answers, all with the bytes that their host serves; of 1 the bytes are not known',
    ],
    [
      { answers: 9, unknown: 1, differing: 2, first },
      'fail',
      '2 of 9 answers differ from what their host serves: request 7 got 7 bytes with CRC-32 1b851995 where rhel01 serves 7 with 0000cafe',
    ],
    [
      { answers: 9, unknown: 0, differing: 0, first: null },
      'pass',
      '9 answers, all with the bytes that their host serves',
    ],
  ])('of %j is %s', (bodies, state, why) => {
    expect(judge({ sameBytes: true }, { bodies })).toEqual({ check: 'same bytes', state, why });
  });
});

describe('pre-dumps', () => {
  const preCopied = (changes: Partial<MigrationResult>) => {
    const results = RESULTS.map((result) => ({ ...result, ...changes }));
    const asked = input({}, { results });
    const strategy = { kind: 'pre-copy', preDumps: 2, until: null, autoDedup: false } as const;
    const { scenario } = asked;
    const found = verdicts({
      ...asked,
      scenario: { ...scenario, migration: { ...scenario.migration, strategy } },
    });
    return found.find(({ check }) => check === 'pre-dumps');
  };
  const preDumps = [1, 2].map(() => ({
    duration: { ms: 1, atLeastMs: 1, atMostMs: 1 },
    stats: { unknown: 'not read' },
    pageImageBytes: 4_096,
  }));
  const stats = RESULTS[0]?.dumpStats as DumpStats;
  it.each([
    ['there is none', { preDumps: [] }, 'fail', 'pre-copy without any in #1, #2, #3'],
    [
      'the dump was a full one',
      { preDumps, dumpStats: { ...stats, pages_skipped_parent: 0 } },
      'fail',
      'the dump left no page to them in #1, #2, #3',
    ],
    [
      'the dump is not known',
      { preDumps, dumpStats: { unknown: 'no stats' } },
      'unknown',
      '2 in each of 3 migrations; whether the dump left pages to them is not known of #1, #2, #3',
    ],
    [
      'the dump left pages to them',
      { preDumps, dumpStats: { ...stats, pages_skipped_parent: 7 } },
      'pass',
      '2 in each of 3 migrations, and the dump left pages to them',
    ],
  ])('where %s', (_, changes, state, why) => {
    expect(preCopied(changes)).toEqual({ check: 'pre-dumps', state, why });
  });
});

describe('failed migrations', () => {
  const told = (results: MigrationResult[], failedMigrationsAtMost = 0) =>
    verdicts(input({ failedMigrationsAtMost }, { results }))[0];

  it('fail above what is allowed, and are unknown where the run ended early', () => {
    const [first, second, third] = RESULTS as [MigrationResult, MigrationResult, MigrationResult];
    expect([
      told([first, second, third]),
      told([first, failedAt(second), third]),
      told([first, failedAt(second), third], 1),
      told([first, second]),
      told([]),
    ]).toEqual([
      { check: 'failed migrations', state: 'pass', why: '0 of 3 failed, at most 0 may' },
      { check: 'failed migrations', state: 'fail', why: `1 of 3 failed, at most 0 may: #${second.number}` },
      { check: 'failed migrations', state: 'pass', why: '1 of 3 failed, at most 1 may' },
      {
        check: 'failed migrations',
        state: 'unknown',
        why: '0 of 2 failed, at most 0 may; only 2 of 3 took place',
      },
      {
        check: 'failed migrations',
        state: 'unknown',
        why: '0 of 0 failed, at most 0 may; only 0 of 3 took place',
      },
    ]);
  });
});

describe('known hosts', () => {
  it('fail on an answer by no host of the path, with that host', () => {
    expect([
      judge({ knownHosts: true }),
      judge({ knownHosts: true }, { servedBy: [stretch('rhel01'), stretch('<html>', 2)] }),
      judge({ knownHosts: true }, { servedBy: [] }),
    ]).toEqual([
      { check: 'known hosts', state: 'pass', why: '20 answers, all by a host of the path' },
      { check: 'known hosts', state: 'fail', why: '2 of 7 answers by no host of the path, such as "<html>"' },
      { check: 'known hosts', state: 'unknown', why: 'no answer was received' },
    ]);
  });
});

describe('no split brain', () => {
  const [a, b, c] = RESULTS.map(({ number }) => number) as [number, number, number];
  const told = (second: { answers: number; heard: boolean }) =>
    judge(
      { noSplitBrain: true },
      {
        splitBrain: new Map([
          [a, { answers: 0, heard: true }],
          [b, second],
          [c, { answers: 0, heard: true }],
        ]),
      },
    )?.state;

  it('fails on one answer too many, and is unknown where nothing was heard after a migration', () => {
    expect([
      told({ answers: 0, heard: true }),
      told({ answers: 1, heard: true }),
      told({ answers: 0, heard: false }),
    ]).toEqual(['pass', 'fail', 'unknown']);
    expect(judge({ noSplitBrain: true }, { results: [] })?.state).toBe('unknown');
  });
});

describe('host order', () => {
  const told = (...hosts: string[]) =>
    judge({ hostOrder: true }, { servedBy: hosts.map((host) => stretch(host)) });

  it('passes only if every host answered in its turn', () => {
    expect([
      told('rhel01', 'rhel02', 'rhel01', 'rhel02'),
      told('rhel01', 'rhel02'),
      told(),
      told('rhel02', 'rhel01', 'rhel02', 'rhel01'),
    ]).toEqual([
      { check: 'host order', state: 'pass', why: '4 stretches of answers, in the order of the migrations' },
      {
        check: 'host order',
        state: 'unknown',
        why: '2 stretches of answers, in the order of the migrations, but 2 hosts that must have served did not answer',
      },
      { check: 'host order', state: 'unknown', why: 'no answer was received' },
      { check: 'host order', state: 'fail', why: 'stretch 4 of answers, by "rhel01", is not in their order' },
    ]);
  });

  it('fails on a stretch too many', () => {
    expect(told('rhel01', 'rhel02', 'rhel01', 'rhel02', 'rhel01')?.state).toBe('fail');
  });

  it('fails where a destination was asked and never answered', () => {
    const results = RESULTS.map((result, i) =>
      i === 2
        ? {
            ...result,
            downtime: { unknown: 'no answer of rhel02 was received' },
            lost: { ...noLosses(), refused: 7 },
          }
        : result,
    );
    const servedBy = ['rhel01', 'rhel02', 'rhel01'].map((host) => stretch(host));
    expect(judge({ hostOrder: true }, { results, servedBy })).toEqual({
      check: 'host order',
      state: 'fail',
      why: `3 stretches of answers, in the order of the migrations, but 1 host that must have served did not answer; asked in vain after #${results[2]?.number}`,
    });
  });
});

describe('lost requests', () => {
  const told = (probe: Partial<CheckInput['probe']>, lostRequestsAtMost = 3) =>
    judge({ lostRequestsAtMost }, { probe: { ...input({}).probe, ...probe } });

  it('counts those that failed and those that were not sent, over the whole run', () => {
    expect([
      told({ failed: { ...noFailures(), refused: 2 }, dropped: 1 }),
      told({ failed: { ...noFailures(), refused: 2 }, dropped: 2 }),
      told({ samples: 0 }),
    ]).toEqual([
      { check: 'lost requests', state: 'pass', why: '3 of 100 lost, at most 3 may be' },
      { check: 'lost requests', state: 'fail', why: '4 of 100 lost, at most 3 may be' },
      { check: 'lost requests', state: 'unknown', why: 'there was no request' },
    ]);
  });
});

describe('broken connections', () => {
  const told = (...connections: MigrationResult['connections'][]) =>
    judge(
      { brokenConnectionsAtMost: 0 },
      {
        results: RESULTS.map((result, i) => ({
          ...result,
          connections: connections[i] ?? { unknown: 'none' },
        })),
      },
    )?.state;

  it('cannot pass where one migration is not known, but fails all the same', () => {
    const good = { survived: 2, broken: 0, reset: 0, timedOut: 0 };
    expect([
      told(good, good, good),
      told(good, good),
      told(good, { survived: 1, broken: 1, reset: 0, timedOut: 0 }),
    ]).toEqual(['pass', 'unknown', 'fail']);
  });
});

describe('limits', () => {
  const gaps = (...bounds: ([number, number] | null)[]): MigrationResult[] =>
    bounds.map((pair, i) => ({
      ...migrationOf(i),
      number: i + 1,
      warmUp: false,
      gap:
        pair === null
          ? { unknown: 'no restore' }
          : { ms: (pair[0] + pair[1]) / 2, atLeastMs: pair[0], atMostMs: pair[1] },
    }));
  const told = (results: MigrationResult[], atMostMs: number, statistic: 'median' | 'p95' | 'max' = 'max') =>
    judge({ limits: [{ measurement: 'gap', statistic, atMostMs }] }, { results });

  it('pass only by the upper bound, fail only by the lower one, and are unknown between', () => {
    const results = gaps([1, 2], [3, 5]);
    expect([told(results, 5), told(results, 4), told(results, 2.9)]).toEqual([
      { check: 'max gap', state: 'pass', why: '3.0 ms to 5.0 ms over 2 migrations, limit 5.0 ms' },
      { check: 'max gap', state: 'unknown', why: '3.0 ms to 5.0 ms over 2 migrations, limit 4.0 ms' },
      { check: 'max gap', state: 'fail', why: '3.0 ms to 5.0 ms over 2 migrations, limit 2.9 ms' },
    ]);
  });

  it('never pass with a figure missing, and fail if they would without it', () => {
    const results = gaps([3, 3], [3, 3], [3, 3], null);
    expect([told(results, 5), told(results, 2), told(results, 2, 'median')]).toEqual([
      { check: 'max gap', state: 'unknown', why: '3.0 ms over 3 migrations, limit 5.0 ms; not known of #4' },
      { check: 'max gap', state: 'fail', why: '3.0 ms over 3 migrations, limit 2.0 ms; not known of #4' },
      { check: 'median gap', state: 'fail', why: '3.0 ms over 3 migrations, limit 2.0 ms; not known of #4' },
    ]);
    expect(told(gaps([3, 3], null, null), 2, 'median')?.state).toBe('unknown');
    expect(told(gaps(null, null), 5)).toEqual({
      check: 'max gap',
      state: 'unknown',
      why: 'it is not known of any migration',
    });
  });

  it('leave warm-ups out', () => {
    const [bad, good] = gaps([100, 100], [1, 1]) as [MigrationResult, MigrationResult];
    expect(told([{ ...bad, warmUp: true }, good], 5)?.state).toBe('pass');
  });

  it('on downtime allow for the probe, which sees each end no finer than its interval', () => {
    const results = RESULTS.map((result) => ({
      ...result,
      warmUp: false,
      downtime: { ms: 100, lastAnswerMs: 0, firstAnswerMs: 100, bracketMs: 101, resolutionMs: 10 },
    }));
    const at = (atMostMs: number) =>
      judge({ limits: [{ measurement: 'downtime', statistic: 'median', atMostMs }] }, { results })?.state;
    expect([at(101), at(95), at(79)]).toEqual(['pass', 'unknown', 'fail']);
  });

  it('are never wrong whatever the true values are', () => {
    const pair = fc.tuple(
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(pair, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 80 }),
        (list, atMostMs) => {
          const truth = Math.max(...list.map(([low, width, place]) => low + width * place));
          const state = told(
            gaps(...list.map(([low, width]): [number, number] => [low, low + width])),
            atMostMs,
          )?.state;
          if (state === 'pass') expect(truth).toBeLessThanOrEqual(atMostMs);
          if (state === 'fail') expect(truth).toBeGreaterThan(atMostMs);
        },
      ),
    );
  });
});

describe('worst', () => {
  it('is fail before unknown before pass, and unknown of nothing', () => {
    expect([
      worst(['pass', 'unknown', 'fail']),
      worst(['pass', 'unknown']),
      worst(['pass']),
      worst([]),
    ]).toEqual(['fail', 'unknown', 'pass', 'unknown']);
  });
});

describe('one container', () => {
  const ran = (...running: (boolean | null)[]): MigrationResult =>
    migrationWith(running.map((runs, i) => ({ host: `rhel0${i + 1}`, running: runs })));
  const migrationWith = (running: MigrationResult['running']): MigrationResult => ({
    ...migrationOf(1),
    running,
  });

  it('fails where it ran on both, and is unknown where a host did not answer or was not asked', () => {
    const state = (...results: MigrationResult[]) => judge({ oneContainer: true }, { results })?.state;
    expect([
      state(ran(false, true), ran(true, false)),
      state(ran(false, true), ran(true, true)),
      state(ran(false, true), ran(null, true)),
      state(migrationWith([])),
      state(),
    ]).toEqual(['pass', 'fail', 'unknown', 'unknown', 'unknown']);
  });
});

describe('same container', () => {
  const changed = (container: MigrationResult['container']): MigrationResult => ({
    ...migrationOf(1),
    container,
  });
  const same = changed({ same: 40, gone: [], new: [] });
  const told = (...results: MigrationResult[]) => judge({ sameContainer: true }, { results });

  it('fails where a line is gone or new, and tells the first', () => {
    expect(told(same)?.state).toBe('pass');
    expect(told(same, changed({ same: 39, gone: ['process 4'], new: ['mount /x', 'mount /y'] }))).toEqual({
      check: 'same container',
      state: 'fail',
      why: 'migration #2: gone: process 4, and 2 more',
    });
  });

  it('says what is known of a root that is writable after its restore', () => {
    const [ro, rw] = ['mount /: nfs4 ro,noatime', 'mount /: nfs4 rw,noatime'];
    expect(told(changed({ same: 38, gone: [ro], new: [rw] }))?.why).toBe(
      'migration #2: the root was mounted ro,noatime and came back rw,noatime: CRIU restores its flags since 4.2 (criu#2632)',
    );
    expect(told(changed({ same: 38, gone: [ro, 'mount /x: tmpfs rw'], new: [rw] }))?.why).toMatch(
      /\(criu#2632\), and 1 more$/,
    );
    expect(told(changed({ same: 38, gone: [ro, 'process 4, child of 1: nginx'], new: [rw] }))?.why).toBe(
      'migration #2: gone: process 4, child of 1: nginx, and 2 more',
    );
    expect(told(changed({ same: 38, gone: [ro], new: [] }))?.why).toBe(`migration #2: gone: ${ro}`);
  });

  it('is unknown where what it had was not told, and where none completed', () => {
    expect(told(same, changed({ unknown: 'it takes Perl on the host' }))).toEqual({
      check: 'same container',
      state: 'unknown',
      why: 'the same processes, open files, mounts and mapped files after 1 migration; not known of #2: it takes Perl on the host',
    });
    expect(told(failedAt(same))?.state).toBe('unknown');
  });
});

describe('no lost writes', () => {
  const whole = { acknowledged: 90, checks: 3, checked: [1, 2], lost: [] };
  const judged = (writes: MemoryHistory['writes']) =>
    verdicts(
      input(
        { noLostWrites: true },
        {
          memory: { answers: 9, lost: 0, lostCounts: [], since: [], writes },
          results: RESULTS.slice(0, 2),
        },
      ),
    )[1];

  it('passes only where all data was read after each migration', () => {
    expect(judged(whole)).toEqual({
      check: 'no lost writes',
      state: 'pass',
      why: '90 writes were acknowledged, and 3 readings of all data missed none',
    });
    expect(judged({ ...whole, checked: [1] })).toMatchObject({
      state: 'unknown',
      why: '90 writes were acknowledged, and 3 readings of all data missed none; none was heard of after #2',
    });
    expect(judged(undefined)).toMatchObject({ state: 'unknown' });
  });

  it('fails where a reading missed some, and tells on which host', () => {
    const lost = [
      { writes: 7, on: 'rhel02', migration: 1 },
      { writes: 2, on: 'rhel01', migration: null },
    ];
    expect(judged({ ...whole, lost })).toMatchObject({
      state: 'fail',
      why: '7 of 90 acknowledged writes are missing on rhel02 in migration #1; 1 more time',
    });
    expect(judged({ ...whole, lost: lost.slice(1) })?.why).toContain('rhel01 before any migration');
  });
});

describe('no lost state, and the start time', () => {
  const whole: MemoryHistory = {
    answers: 90,
    lost: 0,
    lostCounts: [],
    since: [{ since: '17-4', migration: null }],
  };
  const judged = (memory: MemoryHistory | null, changes: Partial<CheckInput> = {}) =>
    verdicts(input({ noLostState: true }, { memory, ...changes })).slice(1);

  it('pass only where counts were told, after each migration', () => {
    const deaf = new Map([[2, { answers: 0, heard: false }]]);
    expect(
      [judged(whole), judged(null), judged(whole, { splitBrain: deaf })].map((v) => v.map((o) => o.state)),
    ).toEqual([
      ['pass', 'pass'],
      ['unknown', 'unknown'],
      ['unknown', 'pass'],
    ]);
  });

  it('tell which counts were lost and when it was started anew', () => {
    const lostCounts = [1, 4, 8, 12].map((from) => ({ from, to: from + 1, migration: from > 4 ? 3 : 2 }));
    const since = [...whole.since, { since: '18-9', migration: 2 }];
    expect(judged({ ...whole, lost: 8, lostCounts, since }).map(({ why }) => why)).toEqual([
      '8 of 90 answered requests are not contained in a later answer: counts 1 to 2, missed in migration #2; 4 to 5, missed in migration #2; 8 to 9, missed in migration #3; and 1 more',
      '17-4 became 18-9 in migration #2: started anew, once in all',
    ]);
  });
});

describe('the verdict so far', () => {
  const [first, second] = RESULTS as [MigrationResult, MigrationResult, MigrationResult];
  const soFar = (checks: Partial<ChecksPlan>, results: MigrationResult[]) =>
    results.map(verdictSoFar(input(checks).scenario).add).at(-1);

  it('fails as soon as more is lost, broken or failed than may be, warm-up included', () => {
    const lossy = { ...first, lost: { ...noLosses(), refused: 3 } };
    const broken = { ...first, connections: { survived: 0, broken: 1, reset: 0, timedOut: 0 } };
    expect([
      soFar({ failedMigrationsAtMost: 0 }, [failedAt(first)]),
      soFar({ failedMigrationsAtMost: 1 }, [failedAt(first)]),
      soFar({ lostRequestsAtMost: 2 }, [lossy]),
      soFar({ lostRequestsAtMost: 3 }, [lossy]),
      soFar({ brokenConnectionsAtMost: 0 }, [broken]),
      soFar({ brokenConnectionsAtMost: 1 }, [broken]),
    ]).toEqual(['fail', 'pass', 'fail', 'pass', 'fail', 'pass']);
  });

  it('fails for good once it ran on both hosts, or came without something', () => {
    const both = { ...first, running: ['rhel01', 'rhel02'].map((host) => ({ host, running: true })) };
    const without = { ...first, container: { same: 40, gone: ['rhel02: process 6'], new: [] } };
    const checks = { oneContainer: true, sameContainer: true };
    const whole = { ...second, container: { same: 40, gone: [], new: [] } };
    expect([
      soFar(checks, [both, whole]),
      soFar(checks, [without, whole]),
      soFar(checks, [{ ...whole, container: { unknown: 'no Perl' } }, whole]),
      soFar({ ...checks, failedMigrationsAtMost: 1 }, [failedAt(whole), whole]),
      soFar({}, [both, without]),
    ]).toEqual(['fail', 'fail', 'unknown', 'pass', 'pass']);
  });

  it('holds limits against the measured migrations, and is unknown where they are', () => {
    const limits = (atMostMs: number): ChecksPlan['limits'] => [
      { measurement: 'gap', statistic: 'max', atMostMs },
    ];
    const unmeasured = { ...second, gap: { unknown: 'no restore' } };
    expect([
      soFar({ limits: limits(0.001) }, [{ ...first, warmUp: true }]),
      soFar({ limits: limits(0.001) }, [first, { ...second, warmUp: false }]),
      soFar({ limits: limits(60_000) }, [first, { ...second, warmUp: false }]),
      soFar({ limits: limits(60_000) }, [first, unmeasured]),
    ]).toEqual(['pass', 'fail', 'pass', 'unknown']);
  });
});
