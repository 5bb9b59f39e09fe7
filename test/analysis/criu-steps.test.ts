import { describe, expect, it } from 'vitest';
import {
  type CriuStep,
  criuSteps,
  dumpSteps,
  type LogSteps,
  restoreSteps,
} from '../../harness/analysis/criu-steps.ts';
import type { MigrationObservation, OtherLogs } from '../../harness/model.ts';
import { at, command, log, NO_FILES, NO_LOGS, observation } from './fixture.ts';
import { smallRun } from './small-run.ts';

const [{ observation: seen, files }] = smallRun().migrations as [
  ReturnType<typeof smallRun>['migrations'][0],
];

describe("CRIU's steps", () => {
  it('follow each other without a hole, from the opening of the log to its last line', () => {
    const steps = dumpSteps(seen, files);
    expect(steps.map(({ name, line }) => [name, line])).toEqual([
      ['open the log', null],
      ['freeze', 'freezing cgroup /sys/fs/cgroup/freezer/web: 100 x 100ms attempts, timeout: 10s'],
      ['seize tasks', 'freezer.state=FROZEN'],
    ]);
    expect(steps.slice(1).map(({ start }) => start)).toEqual(steps.slice(0, -1).map(({ end }) => end));
  });

  it('lie where the looks at the log leave them: it was opened at 3020, and written to until 3090', () => {
    const [opened, , last] = dumpSteps(seen, files);
    expect(opened?.start.earliest).toBeLessThanOrEqual(3_020);
    expect(opened?.start.latest).toBeGreaterThanOrEqual(3_020);
    expect(last?.end.earliest).toBeLessThanOrEqual(3_090);
    expect(last?.end.latest).toBeGreaterThanOrEqual(3_090);
  });

  it('of a restore are those of its own log', () => {
    expect(restoreSteps(seen, files).map(({ name }) => name)).toEqual([
      'open the log',
      'pre-resume scripts',
      'tasks run',
    ]);
  });

  it('leave out what no line tells, and a line of a restored task tells nothing', () => {
    const restoreLog = log(
      [0, 'Version: 4.2.1'],
      [1, '1: Reading image tree'],
      [2, 'Forking task with 1 pid'],
    );
    expect(restoreSteps(observation(), { restoreLog }).map(({ name }) => name)).toEqual([
      'open the log',
      'fork the first task',
    ]);
  });

  it('are none where the log is missing or empty, or the command did not run', () => {
    const dumpLog = files.dumpLog;
    expect([
      dumpSteps(seen, { dumpLog: null }),
      dumpSteps(seen, { dumpLog: [] }),
      dumpSteps(observation({ steps: {} }), { dumpLog }),
      restoreSteps(observation({ steps: {} }), { restoreLog: files.restoreLog }),
    ]).toEqual([[], [], [], []]);
  });

  it('are placed by the order of the lines alone where the wall clock was set meanwhile', () => {
    const reading = (askedMs: number, wallOffsetMs: number) => ({
      host: seen.source,
      askedMs,
      answeredMs: askedMs + 0.1,
      hostNs: '1',
      wallOffsetMs,
    });
    const clocks = [reading(3_000, 0), reading(3_300, 3_600_000)];
    const steps = dumpSteps({ ...seen, clocks }, files);
    const { exec, exit } = seen.steps.checkpoint as NonNullable<typeof seen.steps.checkpoint>;
    expect(steps).toHaveLength(3);
    for (const { start, end } of steps) {
      expect(start.earliest).toBeGreaterThanOrEqual(exec.earliest);
      expect(end.latest).toBeLessThanOrEqual(exit.latest);
    }
  });
});

describe("CRIU's steps of logs that nobody looked at", () => {
  const { steps } = observation();
  function told(changes: Partial<MigrationObservation>, logs: Partial<OtherLogs>): LogSteps[] {
    const all = criuSteps(observation(changes), { ...NO_FILES, otherLogs: { ...NO_LOGS, ...logs } });
    return all.filter(({ command }) => command !== 'dump' && command !== 'restore');
  }
  const named = (all: readonly LogSteps[]) =>
    all.map(({ command, host, log, steps }) => [command, host, log, steps.map(({ name }) => name)]);
  /** Whether the step began somewhere in its interval, where the truth is known. */
  const begins = (all: readonly LogSteps[], name: string): CriuStep['start'] | undefined =>
    all.flatMap(({ steps }) => steps).find((step) => step.name === name)?.start;

  it('of each pre-dump lie between the begin and the end of its command', () => {
    const preDumps = [
      { span: command('rhel01', at(900), at(950)), pageImageBytes: 1 },
      { span: command('rhel01', at(960), at(990)), pageImageBytes: 1 },
    ];
    const written = log(
      [0, 'Version: 3.17.1'],
      [5, 'freezing processes: 100000 attempts with 100 ms steps'],
      [6, 'freezing processes: 0 attempts done'],
      [9, 'Pre-dumping task (pid: 1180)'],
      [12, 'Pre-dumping task (pid: 1187)'],
      [15, 'Unfreezing tasks into 1'],
      [16, "Pre-dumping tasks' memory"],
      [18, 'Writing image inventory (version 1)'],
      [19, 'Writing stats'],
      [20, 'Pre-dumping finished successfully'],
    );
    const all = told({ preDumps }, { preDumps: [written, null] });
    expect(named(all)).toEqual([
      [
        'pre-dump',
        'rhel01',
        'pre-1/dump.log',
        [
          'open the log',
          'freeze',
          'seize tasks',
          'pre-dump tasks',
          'unfreeze tasks',
          'write memory',
          'write inventory',
          'write stats',
        ],
      ],
      ['pre-dump', 'rhel01', 'pre-2/dump.log', []],
    ]);
    // Opened between 900 and 930: it went on for 20, and the command ended at 950.
    expect(begins(all, 'unfreeze tasks')?.earliest).toBeCloseTo(915, 1);
    expect(begins(all, 'unfreeze tasks')?.latest).toBeCloseTo(945, 1);
  });

  // Opened at 1103: it listened at 1107 and went into the background, where it ended at 1400.
  const daemon = {
    'lazy-pages': command('rhel02', at(1_102), at(1_108)),
    restore: command('rhel02', at(1_108), at(1_300)),
  };
  const lazyPages = log(
    [0, 'Version: 4.2.1'],
    [3, 'Reading image tree'],
    [4, 'uffd: Waiting for incoming connections on lazy-pages.socket'],
    [180, 'uffd: Received PID: 1, uffd: 8'],
    [185, 'Connecting to server 10.77.0.1:27'],
    [190, 'uffd: 1-8: #PF at 0x7fae30a94000'],
    [297, 'page-xfer: Disconnect from the page server'],
  );

  it('of a lazy-pages daemon are placed by when it went into the background, too', () => {
    const ended = { ...steps, ...daemon, 'lazy-transfer': command('rhel02', at(1_300), at(1_450)) };
    const all = told({ steps: ended }, { lazyPages });
    expect(named(all)).toEqual([
      [
        'lazy-pages',
        'rhel02',
        'lazy-pages.log',
        [
          'open the log',
          'read images',
          'wait for the restore',
          'take over tasks',
          'connect to the page server',
          'bring pages',
          'disconnect',
        ],
      ],
    ]);
    const start = begins(all, 'take over tasks');
    // Its end alone would allow 1282 to 1333.
    expect(start?.earliest).toBeCloseTo(1_282, 0);
    expect(start?.latest).toBeCloseTo(1_284, 0);
  });

  it('of a daemon that nobody saw end are there as well', () => {
    const all = told({ steps: { ...steps, ...daemon }, endedMs: 1_500 }, { lazyPages });
    expect(begins(all, 'disconnect')?.latest).toBeLessThanOrEqual(1_500);
    expect(all[0]?.steps).toHaveLength(7);
  });

  it('of a page server lie before the end of the transfer, and its client after the begin of the dump', () => {
    const pageServer = log(
      [0, 'Version: 4.2.1'],
      [20, 'Starting page server on port 27'],
      [70, 'Accepted connection from 172.30.77.1:41770'],
      [75, 'page-xfer: Opening 9/1'],
      [150, 'page-xfer: Session over'],
    );
    const moved = { ...steps, transfer: command('rhel01', at(1_101), at(1_110)) };
    const all = told({ steps: moved, begunMs: 500 }, { pageServer });
    expect(named(all)).toEqual([
      [
        'page-server',
        'rhel02',
        'page-server.log',
        ['open the log', 'wait for the dump', 'serve the dump', 'take pages', 'end'],
      ],
    ]);
    const start = begins(all, 'serve the dump');
    // The begin of the migration alone would allow 570; the dump began at 1009 at the earliest.
    expect(start?.earliest).toBeGreaterThan(1_000);
    expect(start?.latest).toBeCloseTo(1_030, 0);
  });

  it('of a roll back are those of its own log, or of the only one there is', () => {
    const restored = log([0, 'Version: 4.2.1'], [1, 'Reading image tree'], [2, 'Forking task with 1 pid']);
    const rolledBack = { ...steps, 'rollback-restore': command('rhel01', at(1_310), at(1_390)) };
    const expected = [
      ['roll back', 'rhel01', 'rollback.log', ['open the log', 'read images', 'fork the first task']],
    ];
    expect(named(told({ steps: rolledBack }, { rollBack: restored }))).toEqual(expected);
    const { restore: _, ...without } = rolledBack;
    const only = { ...NO_FILES, restoreLog: restored };
    const all = criuSteps(observation({ steps: without }), only);
    expect(named(all.slice(2))).toEqual(expected);
  });
});
