import { expect, test } from 'vitest';
import { afterFaults } from '../../../harness/analysis/faults/check.ts';
import type { FaultObservation, MigrationResult } from '../../../harness/model.ts';

const fault: FaultObservation = {
  kind: 'kill-criu',
  at: 'dump',
  host: 'rhel01',
  afterMs: 5,
  state: 'injected',
  what: 'CRIU was killed (PID 7)',
  begunMs: 1,
  endedMs: 2,
};

function result(change: Partial<MigrationResult>): MigrationResult {
  return {
    number: 1,
    source: 'rhel01',
    destination: 'rhel02',
    outcome: { state: 'completed' },
    running: on(false, true),
    hygiene: [
      { host: 'rhel01', known: true, left: [], gone: [] },
      { host: 'rhel02', known: true, left: [], gone: [] },
    ],
    faults: [fault],
    ...change,
  } as MigrationResult;
}

function on(first: boolean | null, second: boolean | null): MigrationResult['running'] {
  return [
    { host: 'rhel01', running: first },
    { host: 'rhel02', running: second },
  ];
}

function failed(survivor: string | null): MigrationResult['outcome'] {
  return { state: 'failed', phase: 'dump', survivor, rolledBack: false, error: 'x' };
}

const stateOf = (change: Partial<MigrationResult>) => afterFaults([result(change)])?.state;

test('one container where the record says, or a loss that it tells of, passes', () => {
  expect(stateOf({})).toBe('pass');
  expect(stateOf({ outcome: failed('rhel01'), running: on(true, false) })).toBe('pass');
  expect(stateOf({ outcome: failed(null), running: on(false, false) })).toBe('pass');
});

test.each([
  ['two of them', { running: on(true, true) }],
  ['one on another host', { running: on(true, false) }],
  ['none, where one should be', { running: on(false, false) }],
  ['one that was told as lost', { outcome: failed(null), running: on(true, false) }],
  [
    'something that is left',
    { hygiene: [{ host: 'rhel01', known: true, left: [{ what: 'mount /x', removed: false }], gone: [] }] },
  ],
])('%s fails', (_, change) => {
  expect(stateOf(change)).toBe('fail');
});

test('a host that does not tell is unknown, unless it was killed on purpose', () => {
  const silent = { outcome: failed('rhel02'), running: on(null, true) };
  const hygiene = [{ host: 'rhel01', known: false, left: [], gone: [] }];
  expect(stateOf(silent)).toBe('unknown');
  expect(stateOf({ hygiene })).toBe('unknown');
  expect(stateOf({ ...silent, hygiene, faults: [{ ...fault, kind: 'kill-host' }] })).toBe('pass');
});

test('without a fault there is nothing to check, and with none that took place nothing is known', () => {
  expect(stateOf({ faults: [] })).toBeUndefined();
  expect(stateOf({ faults: [{ ...fault, state: 'missed' }] })).toBe('unknown');
});
