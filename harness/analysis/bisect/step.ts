/** What was seen so far → which version to run next, or what the answer is. The whole search is a fold over its runs. */
import { type Belief, believe, type Counts, type FailingSide } from './belief.ts';

/** `unknown`: the run could not tell. `unbuildable`: there is nothing to run. */
export type Seen = 'pass' | 'fail' | 'unknown' | 'unbuildable';

export interface SearchPlan {
  /** How many versions there are, with both ends. */
  versions: number;
  side: FailingSide;
  /** Of the answer, such as 0.95. */
  confidence: number;
  /** No more runs than that. */
  runs: number;
}

/** Versions `from`…`to`, one of which is the first that is changed. */
export interface Range {
  from: number;
  to: number;
  /** Probability that it is among them, given that both ends are as was said. */
  confidence: number;
}

export type Step =
  | { kind: 'run'; version: number; belief: Range }
  /** The first that is changed is one version. */
  | { kind: 'found'; range: Range }
  /** Sure, but those that cannot be run leave several. */
  | { kind: 'skips'; range: Range }
  /** No more runs are allowed. */
  | { kind: 'runs'; range: Range }
  /** An end is not what it was said to be, or cannot be run. */
  | { kind: 'end'; version: number; why: 'passes' | 'fails' | 'cannot tell' };

/** A failing end is looked at until it has failed so often: how often it does is what the rest rests on. */
const END_FAILS = 2;
/** …and is taken for a passing one after so many passes without a failure. */
const END_PASSES = 10;
/** A version is skipped after so many runs that could not tell. */
const UNKNOWNS = 2;

export function nextStep(plan: SearchPlan, seen: readonly { version: number; state: Seen }[]): Step {
  const { versions, side, confidence, runs } = plan;
  const all = Array.from({ length: versions }, (_, i) => seen.filter(({ version }) => version === i));
  const counts = all.map((one) => countsOf(one.map(({ state }) => state)));
  const skipped = all.map((one) => isSkipped(one.map(({ state }) => state)));
  const belief = believe(counts, side);
  const groups = groupsOf(skipped);
  const range = likeliest(groups, belief.first, confidence);
  for (const version of side === 'after' ? [versions - 1, 0] : [0, versions - 1]) {
    const fails = (version === 0) === (side === 'before');
    const end = endStep(counts[version] as Counts, { fails, skipped: skipped[version] as boolean });
    if (end === 'settled') continue;
    if (end !== 'run') return { kind: 'end', version, why: end };
    return seen.length < runs ? { kind: 'run', version, belief: range } : { kind: 'runs', range };
  }
  if (groups.some(({ from, to }) => from === range.from && to === range.to) && range.confidence >= confidence)
    return { kind: range.from === range.to ? 'found' : 'skips', range };
  const version = seen.length < runs ? mostTelling(belief, groups, skipped) : null;
  return version === null ? { kind: 'runs', range } : { kind: 'run', version, belief: range };
}

function countsOf(states: readonly Seen[]): Counts {
  const fails = states.filter((state) => state === 'fail').length;
  return { fails, passes: states.filter((state) => state === 'pass').length };
}

function isSkipped(states: readonly Seen[]): boolean {
  const { fails, passes } = countsOf(states);
  if (states.includes('unbuildable')) return true;
  return fails + passes === 0 && states.filter((state) => state === 'unknown').length >= UNKNOWNS;
}

function endStep(
  { fails, passes }: Counts,
  end: { fails: boolean; skipped: boolean },
): 'settled' | 'run' | 'passes' | 'fails' | 'cannot tell' {
  if (end.skipped) return 'cannot tell';
  if (end.fails) {
    if (fails >= END_FAILS) return 'settled';
    return fails === 0 && passes >= END_PASSES ? 'passes' : 'run';
  }
  // One that passes may fail once by accident.
  if (passes > fails) return 'settled';
  return fails - passes >= 2 ? 'fails' : 'run';
}

type Group = Pick<Range, 'from' | 'to'>;

/** Places that no run can tell apart: a version that can be run, with those before it that cannot. */
function groupsOf(skipped: readonly boolean[]): Group[] {
  const groups: Group[] = [];
  let from = 1;
  for (let to = 1; to < skipped.length; to++) {
    if (skipped[to] && to < skipped.length - 1) continue;
    groups.push({ from, to });
    from = to + 1;
  }
  return groups;
}

function massOf({ from, to }: Group, first: readonly number[]): number {
  return first.slice(from, to + 1).reduce((total, each) => total + each, 0);
}

/** The likeliest group, and as many beside it as it takes to be so sure. */
function likeliest(groups: readonly Group[], first: readonly number[], confidence: number): Range {
  const masses = groups.map((group) => massOf(group, first));
  const best = masses.indexOf(Math.max(...masses));
  let [low, high, mass] = [best, best, masses[best] as number];
  while (mass < confidence && (low > 0 || high < groups.length - 1)) {
    const [before, after] = [masses[low - 1] ?? -1, masses[high + 1] ?? -1];
    if (before > after) low--;
    else high++;
    mass += Math.max(before, after);
  }
  return { from: (groups[low] as Group).from, to: (groups[high] as Group).to, confidence: Math.min(1, mass) };
}

/** The version whose next run is expected to leave the least doubt; null where none tells anything. */
function mostTelling(belief: Belief, groups: readonly Group[], skipped: readonly boolean[]): number | null {
  const doubtNow = doubt(groups, belief.first);
  let best: { version: number; gain: number } | null = null;
  for (const version of candidates(belief.first, skipped)) {
    const { failing, ifFails, ifPasses } = belief.ask(version);
    const left = failing * doubt(groups, ifFails) + (1 - failing) * doubt(groups, ifPasses);
    const gain = (doubtNow - left) * runnable(version, skipped);
    if (gain > (best?.gain ?? 1e-9)) best = { version, gain };
  }
  return best?.version ?? null;
}

/** In bits. */
function doubt(groups: readonly Group[], first: readonly number[]): number {
  return groups.reduce((total, group) => {
    const mass = massOf(group, first);
    return mass > 0 ? total - mass * Math.log2(mass) : total;
  }, 0);
}

/** Those beside one that does not build often do not build either. */
function runnable(version: number, skipped: readonly boolean[]): number {
  const distance = (i: number): number => (skipped[i] ? Math.abs(i - version) : Number.POSITIVE_INFINITY);
  return 1 - 0.8 / Math.min(...skipped.map((_, i) => distance(i)));
}

const MOST_CANDIDATES = 24;

/** All that can be run, but not the ends; of many those around which the change is likely. */
function candidates(first: readonly number[], skipped: readonly boolean[]): number[] {
  const inner = first.map((_, i) => i).slice(1, -1);
  const open = inner.filter((i) => !skipped[i]);
  if (open.length <= MOST_CANDIDATES) return open;
  const chosen = new Set<number>();
  let [mass, next] = [0, 0.5];
  for (const i of inner) {
    mass += (first[i] ?? 0) * MOST_CANDIDATES;
    if (mass < next) continue;
    next = Math.floor(mass) + 1;
    for (const near of [open.findLast((one) => one < i), open.find((one) => one >= i)])
      if (near !== undefined) chosen.add(near);
  }
  return [...chosen];
}
