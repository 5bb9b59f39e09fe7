/**
 * Which version changed first, as far as runs tell: Bayes' rule over every place of the change and over how often the
 * failing side fails, the other side fails by accident, and a single version is an exception. A pass on a side that
 * fails now and then weighs little; so flaky failures cost more runs and not a wrong answer.
 */

/** What runs of one version told. */
export interface Counts {
  fails: number;
  passes: number;
}

/** Which side of the change fails: `after` it where the first bad is looked for, `before` it for the first fixed. */
export type FailingSide = 'before' | 'after';

export interface Belief {
  /** Probability that version i is the first that is changed; the first version is not, the last one is. */
  first: number[];
  /** Of a run of version i that would be made now: probability that it fails, and what would then be believed. */
  ask(index: number): { failing: number; ifFails: number[]; ifPasses: number[] };
}

interface Rate {
  rate: number;
  weight: number;
}

/** How often the failing side fails: most failures are there always, and any other rate is as likely as the next. */
const FAILING: readonly Rate[] = [
  { rate: 1, weight: 0.75 },
  ...Array.from({ length: 19 }, (_, i) => ({ rate: (i + 1) / 20, weight: 0.25 / 19 })),
];

/** How often the other side fails all the same. */
const PASSING: readonly Rate[] = [
  { rate: 0, weight: 0.9 },
  { rate: 0.02, weight: 0.05 },
  { rate: 0.1, weight: 0.05 },
];

/** Of the versions so many are like neither side, such as one whose mistake was undone in the next. */
const EXCEPTION = 0.02;

const WORLDS = FAILING.flatMap((failing) =>
  PASSING.filter(({ rate }) => rate < failing.rate).map((passing) => ({
    failing: failing.rate,
    passing: passing.rate,
    prior: failing.weight * passing.weight,
  })),
);

export function believe(counts: readonly Counts[], side: FailingSide): Belief {
  // One row for each pair of rates: the weight of every place of the change.
  const rows = WORLDS.map(({ failing, passing, prior }) => {
    const [before, after] = side === 'after' ? [passing, failing] : [failing, passing];
    return { before, after, weights: places(counts, before, after).map((each) => each * prior) };
  });
  const first = normalised(summed(rows.map(({ weights }) => weights)));
  return {
    first,
    ask(index) {
      const at = counts[index] as Counts;
      const ifFails = summed(
        rows.map(({ before, after, weights }) => {
          const chances = [failsNext(at, before), failsNext(at, after)] as const;
          return weights.map((weight, place) => weight * chances[index < place ? 0 : 1]);
        }),
      );
      const all = summed(rows.map(({ weights }) => weights));
      const ifPasses = all.map((weight, place) => Math.max(0, weight - (ifFails[place] as number)));
      const failing = sum(ifFails) / sum(all);
      return { failing, ifFails: normalised(ifFails), ifPasses: normalised(ifPasses) };
    },
  };
}

/** Likelihood of everything that was seen, for each place of the change. */
function places(counts: readonly Counts[], before: number, after: number): number[] {
  let likelihood = counts.reduce((product, one) => product * seen(one, after), 1);
  const all: number[] = [0];
  for (const one of counts.slice(0, -1)) {
    if (one.fails + one.passes > 0) likelihood *= seen(one, before) / seen(one, after);
    all.push(likelihood);
  }
  return all;
}

function seen({ fails, passes }: Counts, rate: number): number {
  if (fails + passes === 0) return 1;
  return (1 - EXCEPTION) * rate ** fails * (1 - rate) ** passes + EXCEPTION * beta(fails, passes);
}

function failsNext({ fails, passes }: Counts, rate: number): number {
  return seen({ fails: fails + 1, passes }, rate) / seen({ fails, passes }, rate);
}

/** Of an exception, whose rate can be anything: the mean of rate^fails (1 − rate)^passes. */
function beta(fails: number, passes: number): number {
  let value = 1 / (fails + passes + 1);
  for (let i = 1; i <= fails; i++) value *= i / (passes + i);
  return value;
}

function summed(rows: readonly number[][]): number[] {
  const total = new Array<number>(rows[0]?.length ?? 0).fill(0);
  for (const row of rows) for (let i = 0; i < row.length; i++) total[i] = (total[i] ?? 0) + (row[i] ?? 0);
  return total;
}

function normalised(weights: readonly number[]): number[] {
  const total = sum(weights);
  return total > 0 ? weights.map((weight) => weight / total) : weights.map(() => 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
