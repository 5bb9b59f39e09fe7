import { expect, test } from 'vitest';
import { type Clock, startClock } from '../harness/clock.ts';
import { openHistory, openLive } from '../harness/live.ts';
import type { MigrationObservation, Phase, Sample, Scenario } from '../harness/model.ts';
import { noProgress, type Progress } from '../harness/report/progress.ts';

const answered = (host: string, end: number): Sample => ({
  n: end,
  due: end - 1,
  state: 'answered',
  sent: end - 1,
  firstByte: end,
  end,
  status: 200,
  host,
  bytes: 7,
  connection: 1,
});

test('answers are counted for the host that gave them, in the half second in which they came', () => {
  const history = openHistory(['rhel01', 'rhel02', 'rhel01']);
  for (const end of [100, 200, 600]) history.add(answered('rhel01', end));
  history.add({
    n: 4,
    due: 700,
    state: 'failed',
    sent: 700,
    end: 1_100,
    kind: 'timeout',
    detail: '',
    connection: 1,
  });
  history.add({ n: 5, due: 800, state: 'dropped' });
  history.add(answered('rhel02', 1_200));
  history.add(answered('somebody', 1_300));
  const told = history.until(1_700);
  expect(told.hosts.map(({ name, serves, answers }) => [name, serves, answers.slice(-3)])).toEqual([
    ['rhel01', false, [2, 1, 0]],
    ['rhel02', true, [0, 0, 1]],
  ]);
  expect(told.lost.slice(-3)).toEqual([0, 1, 1]);
  expect(told.requests).toEqual({ answered: 5, lost: 2 });
});

test('what is older than the lanes is forgotten, and still counted', () => {
  const history = openHistory(['rhel01']);
  history.add(answered('rhel01', 100));
  const { hosts, requests } = history.until(600_000);
  expect(hosts[0]?.answers.some((answers) => answers > 0)).toBe(false);
  expect(requests.answered).toBe(1);
});

test('the progress is held before the freeze, and nothing is read until the container runs', () => {
  const happened: string[] = [];
  let draw = () => {};
  const progress: Progress = {
    ...noProgress(),
    view(lines) {
      draw = () => void lines?.({ width: 80, colour: false });
      draw();
    },
    hold() {
      draw();
      happened.push('held');
    },
    release: () => void happened.push('released'),
  };
  const live = openLive({
    scenario: { migration: { path: ['rhel01', 'rhel02'], warmUp: 0, count: 2, forMs: null } } as Scenario,
    clock: startClock(),
    progress,
    history: openHistory(['rhel01', 'rhel02']),
    look: () => void happened.push('looked'),
  });
  const leg = { number: 1, warmUp: false, source: 'rhel01', destination: 'rhel02' };
  for (const phase of ['arm', 'dump', 'handover', 'restore', 'clean-up'] satisfies Phase[]) {
    happened.push(phase);
    live.onPhase(leg, phase);
  }
  live.onFinished({ outcome: { state: 'completed' } } as MigrationObservation);
  expect(happened).toEqual([
    ...['arm', 'looked', 'released', 'dump', 'held', 'handover', 'restore', 'clean-up', 'released'],
  ]);
});

test('a run for a time is over when the time is, and not after a number of migrations', () => {
  let shown = '';
  let nowMs = 1_000;
  const live = openLive({
    scenario: { migration: { path: ['a', 'b'], warmUp: 1, count: 10_000, forMs: 3_600_000 } } as Scenario,
    clock: { now: () => nowMs } as Clock,
    progress: {
      ...noProgress(),
      view: (lines) => {
        shown = lines?.({ width: 80, colour: false }).join('\n') ?? '';
      },
    },
    history: openHistory(['a', 'b']),
    look: () => {},
  });
  const leg = { number: 1, warmUp: true, source: 'a', destination: 'b' };
  live.onPhase(leg, 'arm');
  expect(shown).toContain('0 migrations done');
  expect(shown).toContain('about 1 h 0 min left');
  live.onFinished({ outcome: { state: 'completed' } } as MigrationObservation);
  nowMs += 600_000;
  live.onPhase({ ...leg, number: 2 }, 'arm');
  expect(shown).toContain('1 migration done');
  expect(shown).toContain('about 50 min 0 s left');
});
