import { expect, it } from 'vitest';
import { believed } from '../../harness/analysis/believed.ts';
import type { DumpStats } from '../../harness/model.ts';
import { migrationOf } from '../report/fixture.ts';
import { at, command, observation } from './fixture.ts';

const stats = { ...(migrationOf(1).dumpStats as DumpStats), freezing_time: 1_000, frozen_time: 90_000 };
// The checkpoint lived from 1009 to 1101 ms.
const stopped = observation({});

it('a dump whose parts fit into the life of its command is believed', () => {
  expect(believed(stats, stopped, false)).toBe(stats);
});

it('one that claims more than the command lived is not, and says why', () => {
  expect(believed({ ...stats, frozen_time: 2_466_512_000 }, stopped, false)).toEqual({
    unknown: 'stats-dump cannot be true: frozen_time is 2466512 ms, and the command lived 92 ms',
  });
});

it('a checkpoint that goes on as the page server lives as long as that', () => {
  const steps = { ...stopped.steps, 'page-server': command('rhel01', at(1_009), at(9_000)) };
  const long = { ...stats, frozen_time: 7_000_000 };
  expect(believed(long, { steps }, false)).toBe(long);
});

it('where the wall clock was set, that is the reason, and is told elsewhere', () => {
  const long = { ...stats, frozen_time: 90_000_000 };
  expect(believed(long, stopped, true)).toBe(long);
});

it('no file is no figure', () => {
  expect(believed(null, stopped, false)).toEqual({ unknown: 'CRIU wrote no stats-dump' });
});
