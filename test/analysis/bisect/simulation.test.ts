/** Random histories of versions, unbuildable and flaky ones among them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FailingSide } from '../../../harness/analysis/bisect/belief.ts';
import { nextStep, type SearchPlan, type Seen, type Step } from '../../../harness/analysis/bisect/step.ts';

interface History {
  versions: number;
  /** The first that is changed. */
  first: number;
  side: FailingSide;
  /** Cannot be built. */
  unbuildable: readonly boolean[];
  /** How often a version of the failing side fails. */
  rate: number;
  /** A version that is like neither side, and how often it fails. */
  odd?: { at: number; rate: number };
}

/** Runs the search on a history, with `random` between 0 and 1 deciding each flaky run. */
function searched(history: History, random: () => number, plan: Partial<SearchPlan> = {}) {
  const { versions, first, side, unbuildable, rate, odd } = history;
  const seen: { version: number; state: Seen }[] = [];
  for (;;) {
    const step = nextStep({ versions, side, confidence: 0.95, runs: 400, ...plan }, seen);
    if (step.kind !== 'run') return { step, seen, looked: new Set(seen.map(({ version }) => version)).size };
    const usual = step.version >= first === (side === 'after') ? rate : 0;
    const state = random() < (odd?.at === step.version ? odd.rate : usual) ? 'fail' : 'pass';
    seen.push({ version: step.version, state: unbuildable[step.version] ? 'unbuildable' : state });
  }
}

const side = fc.constantFrom<FailingSide>('before', 'after');

function histories(longest: number): fc.Arbitrary<History> {
  return fc.integer({ min: 2, max: longest }).chain((versions) =>
    fc.record({
      versions: fc.constant(versions),
      first: fc.integer({ min: 1, max: versions - 1 }),
      side,
      unbuildable: fc
        .array(fc.integer({ min: 0, max: 4 }), { minLength: versions, maxLength: versions })
        .map((all) => all.map((one, i) => one === 0 && i > 0 && i < versions - 1)),
      rate: fc.constant(1),
    }),
  );
}

/** The places that no run can tell from the true one. */
function openRange({ versions, first, unbuildable }: History): { from: number; to: number } {
  let [from, to] = [first, first];
  while (to < versions - 1 && unbuildable[to]) to++;
  while (from > 1 && unbuildable[from - 1]) from--;
  return { from, to };
}

const rangeOf = (step: Step) => ('range' in step ? { from: step.range.from, to: step.range.to } : null);

describe('a bisection', { timeout: 120_000 }, () => {
  test('finds the first that is changed, or exactly the range that unbuildable versions leave', () => {
    fc.assert(
      fc.property(histories(60), (history) => {
        const { step } = searched(history, () => 0);
        const open = openRange(history);
        expect(rangeOf(step)).toEqual(open);
        expect(step.kind).toBe(open.from === open.to ? 'found' : 'skips');
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  test('looks at no more versions than halving does, and a few; those that pass, twice', () => {
    fc.assert(
      fc.property(histories(130), (history) => {
        const all = { ...history, unbuildable: history.unbuildable.map(() => false) };
        const { looked, seen } = searched(all, () => 0);
        const halvings = Math.ceil(Math.log2(history.versions));
        expect(looked).toBeLessThanOrEqual(halvings + 3);
        expect(seen.length).toBeLessThanOrEqual(2 * halvings + 6);
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  test.each([0.8, 0.5, 0.3])('is right as often as it says where %d of the runs fail', (rate) => {
    const random = generator(1);
    let [right, answers] = [0, 0];
    for (let i = 0; i < 120; i++) {
      const first = 1 + Math.floor(random() * 8);
      const unbuildable = Array.from({ length: 9 }, (_, at) => at > 0 && at < 8 && random() < 0.1);
      const history = {
        versions: 9,
        first,
        side: (['before', 'after'] as const)[i % 2] ?? 'after',
        unbuildable,
        rate,
      };
      const range = rangeOf(searched(history, random).step);
      if (range === null) continue;
      answers++;
      if (range.from <= first && first <= range.to) right++;
    }
    expect(answers).toBeGreaterThan(80);
    // 95 % without 3 standard errors.
    expect(right / answers).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / answers));
  });

  test('one flaky version on the good side is told from the change', () => {
    const random = generator(2);
    const history = { versions: 17, first: 12, side: 'after' as const, unbuildable: [], rate: 1 };
    let right = 0;
    for (let i = 0; i < 60; i++) {
      const { step } = searched({ ...history, odd: { at: 8, rate: 0.5 } }, random);
      if (step.kind === 'found' && step.range.from === 12) right++;
    }
    expect(right).toBeGreaterThan(52);
  });

  test('one version that is like neither side, wherever it lies but beside the change, does not mislead', () => {
    const random = generator(3);
    const [searches, versions] = [80, 17];
    let right = 0;
    for (let i = 0; i < searches; i++) {
      const first = 1 + Math.floor(random() * (versions - 1));
      const side = i % 2 === 0 ? ('before' as const) : ('after' as const);
      const at = oddPlace({ versions, first }, random);
      const opposite = Number(at < first === (side === 'after'));
      const odd = { at, rate: random() < 0.5 ? 0.5 : opposite };
      const range = rangeOf(searched({ versions, first, side, unbuildable: [], rate: 1, odd }, random).step);
      if (range !== null && range.from <= first && first <= range.to) right++;
    }
    expect(right / searches).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / searches));
  });

  test('the same runs lead to the same next one, so that it can be taken up again', () => {
    fc.assert(
      fc.property(histories(40), fc.nat(), (history, cut) => {
        const { seen, step } = searched(history, () => 0);
        const plan = { versions: history.versions, side: history.side, confidence: 0.95, runs: 400 };
        const at = cut % (seen.length + 1);
        const next = nextStep(plan, seen.slice(0, at));
        expect(next.kind === 'run' ? next.version : next).toEqual(seen[at]?.version ?? step);
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});

/** Neither an end nor one of the two at the change: beside it, nobody could tell it from the change. */
function oddPlace({ versions, first }: { versions: number; first: number }, random: () => number): number {
  for (;;) {
    const place = 1 + Math.floor(random() * (versions - 2));
    if (place !== first && place !== first - 1) return place;
  }
}

/** Between 0 and 1; the same each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
