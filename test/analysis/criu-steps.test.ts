import { describe, expect, it } from 'vitest';
import { dumpSteps, restoreSteps } from '../../harness/analysis/criu-steps.ts';
import { log, observation } from './fixture.ts';
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
