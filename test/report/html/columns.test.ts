import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../harness/model.ts';
import { unpack } from '../../../harness/report/html/client/samples.js';
import { collectSamples, type PackedSamples } from '../../../harness/report/html/columns.ts';
import { packed, samplesOf } from './fixture.ts';

const us = (ms: number) => Math.round(ms * 1_000);

/** What the page reads back, entry by entry, as `due latency late outcome text weight`. */
function entriesOf(samples: PackedSamples) {
  const read = unpack(samples);
  return Array.from({ length: read.length }, (_, i) => ({
    due: read.due[i],
    latency: read.latency[i],
    late: read.late[i],
    ...samples.outcomes[read.outcome[i] as number],
    weight: read.weight?.[i] ?? 1,
  }));
}

function expected(sample: Sample) {
  const due = us(sample.due);
  if (sample.state === 'dropped') return { due, latency: 0, late: 0, kind: 'dropped', text: null, weight: 1 };
  const times = { due, latency: Math.max(0, us(sample.end) - due), late: us(sample.sent) - due, weight: 1 };
  return sample.state === 'answered'
    ? { ...times, kind: 'answered', text: sample.host }
    : { ...times, kind: sample.kind, text: sample.detail };
}

const anySample = fc
  .record({
    due: fc.integer({ min: -5_000_000, max: 2 ** 40 }),
    late: fc.integer({ min: -300, max: 100_000 }),
    took: fc.integer({ min: 0, max: 60_000_000 }),
    what: fc.integer({ min: 0, max: 4 }),
    text: fc.constantFrom('', 'rhel01', 'rhel02', '\ud800', '</script>'),
  })
  .map(({ due, late, took, what, text }): Omit<Sample, 'n'> => {
    const times = { due: due / 1_000, sent: (due + late) / 1_000, end: (due + late + took) / 1_000 };
    if (what === 0) return { due: times.due, state: 'dropped' };
    const kind = what === 1 ? 'reset' : 'timeout';
    if (what < 3)
      return { ...times, state: 'failed', kind, detail: text, connection: null } as Omit<Sample, 'n'>;
    const answer = { firstByte: times.end, status: 200, host: text, bytes: 1, connection: 1 };
    return { ...times, ...answer, state: 'answered' } as Omit<Sample, 'n'>;
  });

describe('the columns of the page', () => {
  it('give back every sample in the order in which it was due, however they came', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 60 }), fc.integer(), (made, seed) => {
        const samples = made
          .toSorted((a, b) => a.due - b.due)
          .map((sample, n) => ({ ...sample, n }) as Sample);
        const shuffled = samples.toSorted((a, b) => ((a.n * 31 + seed) % 7) - ((b.n * 31 + seed) % 7));
        expect(entriesOf(packed(shuffled))).toEqual(samples.map(expected));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('hold no weights where each entry stands for itself', () => {
    const { entries, requests, columns } = packed(samplesOf(500));
    expect([entries, requests, columns.weight]).toEqual([500, 500, '']);
  });

  it('are empty where nothing was asked', () => {
    expect(packed([])).toEqual({
      entries: 0,
      requests: 0,
      outcomes: [],
      columns: { due: '', latency: '', late: '', outcome: '', weight: '' },
    });
  });
});

describe('a run that is too long for the page', () => {
  const thinned = (samples: Sample[], limits: { entries: number; characters: number }) => {
    const collected = collectSamples(limits);
    for (const sample of samples) collected.add(sample);
    return collected.pack();
  };

  it('is thinned to its limit, and counts all of its requests', () => {
    const { entries, requests } = thinned(samplesOf(10_000), { entries: 1_000, characters: 1e9 });
    expect(requests).toBe(10_000);
    expect(entries).toBeLessThanOrEqual(1_000);
  });

  it('keeps to a limit of characters, too', () => {
    const { columns, requests } = thinned(samplesOf(10_000), { entries: 1e6, characters: 8_000 });
    expect(requests).toBe(10_000);
    expect(Object.values(columns).join('').length).toBeLessThanOrEqual(8_000);
  });

  it('shows the slowest answer of each host, and each kind of failure with its number', () => {
    fc.assert(
      fc.property(fc.array(anySample, { minLength: 50, maxLength: 400 }), (made) => {
        const samples = made.map((sample, n) => ({ ...sample, due: n, n }) as Sample);
        const shown = entriesOf(thinned(samples, { entries: 20, characters: 1e9 }));
        expect(foldOf(shown)).toEqual(foldOf(samples.map(expected)));
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('keeps a single failure and a change of host where they were', () => {
    const samples = samplesOf(4_000, ['rhel01']).filter(({ state }) => state === 'answered');
    const answered = samples as Extract<Sample, { state: 'answered' }>[];
    const changed: Sample[] = answered.map((sample, n) => {
      if (n === 1_234)
        return { n, due: n, state: 'failed', sent: n, end: n + 1, kind: 'reset', detail: 'x', connection: 1 };
      return { ...sample, n, due: n, sent: n, end: n + 1, host: n < 2_001 ? 'rhel01' : 'rhel02' };
    });
    const shown = entriesOf(thinned(changed, { entries: 500, characters: 1e9 }));
    const changes = shown.flatMap(({ due, text }, i) =>
      i > 0 && text !== shown[i - 1]?.text ? [[due, text]] : [],
    );
    expect(changes).toEqual([
      [1_234_000, 'x'],
      [1_235_000, 'rhel01'],
      [2_001_000, 'rhel02'],
    ]);
  });

  it('does not grow with a server that answers every request differently', () => {
    const samples = samplesOf(5_000).map((sample) => ({ ...sample, host: `name ${sample.n}` }) as Sample);
    const { outcomes } = packed(samples);
    expect(outcomes.length).toBeLessThanOrEqual(1_010);
    expect(outcomes.filter(({ text }) => text === null).map(({ kind }) => kind)).toEqual([
      'dropped',
      'answered',
    ]);
  });
});

/** For each outcome: how many requests had it, and the longest latency. */
function foldOf(
  entries: readonly { kind?: string; text?: string | null; weight: number; latency: number | undefined }[],
) {
  const fold: Record<string, [number, number]> = {};
  for (const { kind, text, weight, latency } of entries) {
    const [requests, longest] = fold[`${kind} ${text}`] ?? [0, 0];
    fold[`${kind} ${text}`] = [requests + weight, Math.max(longest, latency ?? 0)];
  }
  return fold;
}
