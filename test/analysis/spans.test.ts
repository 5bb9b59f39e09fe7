import { describe, expect, it } from 'vitest';
import { gapOf } from '../../harness/analysis/gap.ts';
import { spansOf } from '../../harness/analysis/spans.ts';
import { at, FAILED_DUMP, observation } from './fixture.ts';

const NONE = { unknown: 'no client' };

describe('spansOf', () => {
  it('puts the commands and what the client saw on the common clock', () => {
    const downtime = { ms: 300, lastAnswerMs: 1_005, firstAnswerMs: 1_305, bracketMs: 301, resolutionMs: 10 };
    expect(spansOf(observation(), downtime, 20)).toEqual([
      { name: 'dump', host: 'rhel01', start: at(1_009, 1_010), end: at(1_100, 1_101) },
      { name: 'handover', host: 'rhel02', start: at(1_101), end: at(1_103) },
      { name: 'restore', host: 'rhel02', start: at(1_104, 1_105), end: at(1_300, 1_301) },
      { name: 'first-response', host: 'client', start: at(1_300, 1_301), end: at(1_305) },
      { name: 'recovery', host: 'client', start: at(1_305), end: at(1_325) },
    ]);
  });

  it('has no first response before the first answer, which may come before runc has ended', () => {
    const downtime = { ms: 290, lastAnswerMs: 1_005, firstAnswerMs: 1_295, bracketMs: 301, resolutionMs: 10 };
    expect(spansOf(observation(), downtime, NONE).at(-1)).toEqual({
      name: 'first-response',
      host: 'client',
      start: at(1_295),
      end: at(1_295),
    });
  });

  it('leaves out what did not happen', () => {
    const { checkpoint } = observation().steps;
    const failed = observation({ ...FAILED_DUMP, steps: { ...(checkpoint && { checkpoint }) } });
    expect(spansOf(failed, NONE, NONE).map(({ name }) => name)).toEqual(['dump']);
  });
});

describe('gapOf', () => {
  it('goes from wait() of the checkpoint to exec of the restore, with the bounds of both', () => {
    expect(gapOf(observation())).toEqual({ ms: 4, atLeastMs: 3, atMostMs: 5 });
  });

  it('is unknown where either did not run', () => {
    const { checkpoint } = observation().steps;
    expect([
      gapOf(observation({ steps: {} })),
      gapOf(observation({ steps: { ...(checkpoint && { checkpoint }) } })),
    ]).toEqual([{ unknown: 'the checkpoint did not run' }, { unknown: 'the restore did not run' }]);
  });
});
