import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueAt, nextWait, runSchedule, type Waiting } from '../../harness/probe/schedule.ts';

/** A clock that moves only by what is waited, and by what `oversleep` adds to timers. */
function fakeWaiting(oversleepMs = 0) {
  let now = 0;
  let pending: (() => void) | null = null;
  const waited: string[] = [];
  const later = (callback: () => void): (() => void) => {
    pending = callback;
    return () => {
      pending = null;
    };
  };
  const waiting: Waiting = {
    now: () => now,
    timer(callback, ms) {
      waited.push(`timer ${ms}`);
      now += ms + oversleepMs;
      return later(callback);
    },
    turn(callback) {
      // Even an empty turn takes a moment.
      now += 0.001;
      return later(callback);
    },
    nap(ms) {
      waited.push(`nap ${ms.toFixed(3)}`);
      now += ms;
    },
  };
  const runUntil = (endMs: number): void => {
    while (pending !== null && now < endMs) {
      const callback: () => void = pending;
      pending = null;
      callback();
    }
  };
  return { waiting, waited, runUntil, advance: (ms: number) => (now += ms), now: () => now };
}

test('request n is due at the start plus n periods, without drift', () => {
  const stretch = { startMs: 5, ratePerSecond: 3, firstN: 10 };
  expect([10, 11, 12, 13, 3_000_010].map((n) => dueAt(stretch, n))).toEqual([
    5,
    5 + 1_000 / 3,
    5 + 2_000 / 3,
    1_005,
    1_000_000_005,
  ]);
});

test('far from the due time a timer waits, near to it naps do, short ones while an answer is awaited', () => {
  expect(nextWait(10, false)).toEqual({ kind: 'timer', ms: 8 });
  expect(nextWait(2.5, true)).toEqual({ kind: 'timer', ms: 1 });
  expect(nextWait(2.4, true)).toEqual({ kind: 'nap', ms: 0.1 });
  expect(nextWait(2.4, false)).toEqual({ kind: 'nap', ms: 1 });
  expect(nextWait(0.04, true)).toEqual({ kind: 'nap', ms: 0.04 });
  expect(nextWait(-3, true)).toEqual({ kind: 'nap', ms: 0 });
});

test('no wait goes past the due time, and no nap is long while an answer is awaited', () => {
  fc.assert(
    fc.property(fc.double({ min: -10, max: 1e6, noNaN: true }), fc.boolean(), (leftMs, inFlight) => {
      const { ms } = nextWait(leftMs, inFlight);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(Math.max(0, leftMs));
      if (inFlight && leftMs < 2.5) expect(ms).toBeLessThanOrEqual(0.1);
    }),
  );
});

test('each request is sent when it is due, and never before', () => {
  const fake = fakeWaiting();
  const sent: { n: number; due: number; lateMs: number }[] = [];
  const stretch = { startMs: 2, ratePerSecond: 100, firstN: 0 };
  const schedule = runSchedule(stretch, fake.waiting, {
    send: (n, due) => sent.push({ n, due, lateMs: fake.now() - due }),
    inFlight: () => false,
  });
  fake.runUntil(41.5);
  expect(schedule.stop()).toBe(4);
  expect(sent.map(({ n, due }) => ({ n, due }))).toEqual([
    { n: 0, due: 2 },
    { n: 1, due: 12 },
    { n: 2, due: 22 },
    { n: 3, due: 32 },
  ]);
  expect(sent.every(({ lateMs }) => lateMs >= 0 && lateMs < 0.01)).toBe(true);
  expect(fake.waited.filter((wait) => wait.startsWith('timer'))).toEqual([
    'timer 8',
    'timer 8',
    'timer 8',
    'timer 8',
  ]);
});

test('after a late wake-up all overdue requests are sent at once, each with its own due time', () => {
  const fake = fakeWaiting();
  const sent: [number, number, number][] = [];
  const schedule = runSchedule({ startMs: 0, ratePerSecond: 100, firstN: 7 }, fake.waiting, {
    send: (n, due) => sent.push([n, due, fake.now()]),
    inFlight: () => false,
  });
  fake.advance(35);
  fake.runUntil(36);
  expect(schedule.stop()).toBe(11);
  expect(sent).toEqual([
    [7, 0, 35.001],
    [8, 10, 35.001],
    [9, 20, 35.001],
    [10, 30, 35.001],
  ]);
});

test('a poke sends what is due, even while a request is being sent', () => {
  const fake = fakeWaiting();
  const sent: number[] = [];
  const schedule = runSchedule({ startMs: 0, ratePerSecond: 1_000, firstN: 0 }, fake.waiting, {
    send(n) {
      sent.push(n);
      schedule.poke();
    },
    inFlight: () => true,
  });
  fake.advance(2.5);
  schedule.poke();
  expect(sent).toEqual([0, 1, 2]);
  expect(schedule.stop()).toBe(3);
});

test('what was just sent gets a turn of the event loop before the next nap', () => {
  const fake = fakeWaiting();
  const events: string[] = [];
  const waiting: Waiting = {
    ...fake.waiting,
    nap: (ms) => {
      events.push('nap');
      fake.waiting.nap(ms);
    },
    turn: (callback) => {
      events.push('turn');
      return fake.waiting.turn(callback);
    },
  };
  const schedule = runSchedule({ startMs: 0, ratePerSecond: 1_000, firstN: 0 }, waiting, {
    send: () => events.push('send'),
    inFlight: () => true,
  });
  fake.runUntil(0.15);
  schedule.stop();
  expect(events).toEqual(['turn', 'send', 'turn', 'nap', 'turn', 'nap', 'turn']);
});

test('nothing is sent once it has been stopped, not even within a bundle of overdue requests', () => {
  const fake = fakeWaiting();
  const sent: number[] = [];
  const schedule = runSchedule({ startMs: 0, ratePerSecond: 1_000, firstN: 0 }, fake.waiting, {
    send(n) {
      sent.push(n);
      if (n === 1) schedule.stop();
    },
    inFlight: () => false,
  });
  fake.advance(10);
  fake.runUntil(20);
  schedule.poke();
  expect(sent).toEqual([0, 1]);
  expect(schedule.stop()).toBe(2);
});
