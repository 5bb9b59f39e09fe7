import { describe, expect, it } from 'vitest';
import { expectedHosts, servedBy } from '../../harness/analysis/served-by.ts';
import type { AnsweredSample, Sample, ServedBy } from '../../harness/model.ts';
import { answered, FAILED_DUMP, observation } from './fixture.ts';

function fold(samples: Sample[]): ServedBy[] {
  const history = servedBy();
  for (const sample of samples) history.add(sample as AnsweredSample);
  return history.stretches();
}

describe('servedBy', () => {
  it('begins a stretch where another host answers', () => {
    expect(
      fold([answered('a', 1, 2), answered('a', 3, 4), answered('b', 10, 11), answered('a', 20, 21)]),
    ).toEqual([
      { host: 'a', firstMs: 2, lastMs: 4, answers: 2 },
      { host: 'b', firstMs: 11, lastMs: 11, answers: 1 },
      { host: 'a', firstMs: 21, lastMs: 21, answers: 1 },
    ]);
  });

  it('keeps an answer that was only overtaken in its own stretch', () => {
    expect(
      fold([answered('a', 1, 2), answered('b', 10, 11), answered('a', 9, 12), answered('b', 13, 14)]),
    ).toEqual([
      { host: 'a', firstMs: 2, lastMs: 12, answers: 2 },
      { host: 'b', firstMs: 11, lastMs: 14, answers: 2 },
    ]);
  });
});

describe('expectedHosts', () => {
  it('stays where a failed migration left the container', () => {
    const there = observation();
    const back = observation({ source: 'rhel02', destination: 'rhel01' });
    const failed = observation({
      ...FAILED_DUMP,
      source: 'rhel02',
      destination: 'rhel01',
      outcome: { state: 'failed', phase: 'dump', survivor: 'rhel02', rolledBack: false, error: '' },
    });
    expect(expectedHosts(['rhel01', 'rhel02'], [there, failed, back])).toEqual([
      'rhel01',
      'rhel02',
      'rhel01',
    ]);
  });
});
