import { describe, expect, it } from 'vitest';
import { connectionsOf } from '../../harness/analysis/connections.ts';
import type { Sample } from '../../harness/model.ts';
import { answered, FAILED_DUMP, lost, observation } from './fixture.ts';

const KEPT = { connection: { kind: 'kept', count: 2 } } as const;

const on = (host: string, ...list: [due: number, connection: number][]): Sample[] =>
  list.map(([due, connection]) => answered(host, due, due + 1, { connection }));

describe('connectionsOf', () => {
  it('counts as survived a connection that carries an answer of both hosts', () => {
    const before = on('rhel01', [900, 1], [910, 2]);
    const own = on('rhel02', [1_250, 1], [1_260, 2]);
    expect(connectionsOf(observation(), { before, own }, KEPT)).toMatchObject({ survived: 2, broken: 0 });
  });

  it('counts as broken a connection on which a request failed and that never answered again', () => {
    const before = on('rhel01', [900, 1], [910, 2]);
    const own = [
      lost(1_200, 1_240, { connection: 2, kind: 'reset' }),
      ...on('rhel02', [1_250, 1], [1_260, 3]),
    ];
    expect(connectionsOf(observation(), { before, own }, KEPT)).toMatchObject({ survived: 1, broken: 1 });
  });

  it('tells those that were reset from those that timed out, by what failed first', () => {
    const before = on('rhel01', [900, 1], [910, 2], [920, 3]);
    const own = [
      lost(1_200, 1_240, { connection: 1, kind: 'reset' }),
      lost(1_210, 6_210, { connection: 2, kind: 'timeout' }),
      lost(1_220, 6_220, { connection: 2, kind: 'reset' }),
      lost(1_230, 1_240, { connection: 3, kind: 'garbled' }),
    ];
    expect(connectionsOf(observation(), { before, own }, KEPT)).toEqual({
      survived: 0,
      broken: 3,
      reset: 1,
      timedOut: 1,
    });
  });

  it('counts as broken a connection that was replaced without a word while all others were used again and again', () => {
    const before = on('rhel01', [900, 1], [910, 2]);
    const own = on('rhel02', [1_250, 1], [1_260, 3], [1_270, 1], [1_280, 3]);
    expect(connectionsOf(observation(), { before, own }, KEPT)).toMatchObject({ survived: 1, broken: 1 });
  });

  it('says all broke where every one failed and nothing answered after', () => {
    const before = on('rhel01', [900, 1], [910, 2]);
    const own = [lost(1_200, 1_240, { connection: 1 }), lost(1_210, 1_240, { connection: 2 })];
    expect(connectionsOf(observation(), { before, own }, KEPT)).toMatchObject({ survived: 0, broken: 2 });
  });

  it('does not know of a connection that may only have been idle', () => {
    const before = on('rhel01', [900, 1], [910, 2]);
    const own = on('rhel02', [1_250, 1]);
    expect(connectionsOf(observation(), { before, own }, KEPT)).toEqual({
      unknown: '1 of 2 connections were not used after it',
    });
  });

  it('does not count a connection again that an earlier migration broke', () => {
    const before = [
      ...on('rhel01', [900, 1], [910, 2]),
      lost(920, 930, { connection: 2 }),
      ...on('rhel01', [940, 3]),
    ];
    const own = on('rhel02', [1_250, 1], [1_260, 3]);
    expect(connectionsOf(observation(), { before, own }, KEPT)).toMatchObject({ survived: 2, broken: 0 });
  });

  it('after a migration that failed asks whether the survivor still answers on them', () => {
    const before = on('rhel01', [900, 1]);
    const own = on('rhel01', [1_005, 1]);
    expect([
      connectionsOf(observation(FAILED_DUMP), { before, own }, KEPT),
      connectionsOf(observation(FAILED_DUMP), { before, own: [...own, ...on('rhel01', [1_400, 1])] }, KEPT),
    ]).toEqual([
      { unknown: '1 of 1 connections were not used after it' },
      { survived: 1, broken: 0, reset: 0, timedOut: 0 },
    ]);
  });

  it('is unknown where each request has its own, or none was in use', () => {
    expect([
      connectionsOf(observation(), { before: [], own: [] }, { connection: { kind: 'per-request' } }),
      connectionsOf(observation(), { before: [], own: [] }, KEPT),
    ]).toEqual([
      { unknown: 'each request has a connection of its own' },
      { unknown: 'no connection had answered before' },
    ]);
  });
});
