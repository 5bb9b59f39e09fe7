/** What a bisection came to: a fold over its plan and its runs. */
import { type BisectPlan, type Direction, failingSide } from './plan.ts';
import { nextStep, type Range, type Step } from './step.ts';
import type { Trial } from './trial.ts';

export interface JudgedVersion {
  /** From 0, the oldest. */
  index: number;
  name: string;
  subject: string | null;
  merge: boolean;
  fails: number;
  passes: number;
  /** Runs that could not tell. */
  unknown: number;
  /** Where there is nothing to run: why. */
  unbuildable: string | null;
  software: string | null;
  trials: Trial[];
}

/** The version nearest to the change on one side of it, and the run that shows what it is. */
export interface Evidence {
  version: JudgedVersion;
  trial: Trial;
}

/** `going`: interrupted, or not yet at its end. */
export type BisectState = Exclude<Step['kind'], 'run'> | 'going';

export interface BisectResult {
  name: string;
  scenarioFile: string;
  direction: Direction;
  good: string;
  bad: string;
  failure: string | null;
  /** How sure it is to be. */
  wanted: number;
  command: string[];
  state: BisectState;
  /** Null where an end is not as was said. */
  range: Range | null;
  /** The versions of the range: one of them is the first that is changed. */
  suspects: JudgedVersion[];
  /** What is wrong with an end; null where both are as was said. */
  end: { version: JudgedVersion; why: string } | null;
  before: Evidence | null;
  after: Evidence | null;
  /** How many versions there are, with both ends. */
  versions: number;
  /** Those that were looked at, oldest first. */
  tried: JudgedVersion[];
  runs: number;
  seconds: number;
}

export function bisectResult(plan: BisectPlan, trials: readonly Trial[]): BisectResult {
  const { name, scenarioFile, direction, failure, confidence, versions, command } = plan;
  const step = stepOf(plan, trials);
  const all = versions.map((_, index) => judged(plan, index, trials));
  const tried = all.filter((one) => one.trials.length > 0);
  const range = step.kind === 'end' ? null : step.kind === 'run' ? step.belief : step.range;
  const ends = [versions[0]?.name ?? '', versions.at(-1)?.name ?? ''];
  const [good = '', bad = ''] = direction === 'first-bad' ? ends : ends.toReversed();
  const failing = failingSide(plan);
  return {
    name,
    scenarioFile,
    direction,
    good,
    bad,
    failure,
    wanted: confidence,
    command,
    state: step.kind === 'run' ? 'going' : step.kind,
    range,
    suspects: range === null ? [] : all.slice(range.from, range.to + 1),
    end: step.kind === 'end' ? { version: all[step.version] as JudgedVersion, why: step.why } : null,
    before: range && evidence(tried.toReversed(), ({ index }) => index < range.from, failing === 'before'),
    after: range && evidence(tried, ({ index }) => index >= range.to, failing === 'after'),
    versions: versions.length,
    tried,
    runs: trials.length,
    seconds: Math.round(trials.reduce((sum, { seconds }) => sum + seconds, 0)),
  };
}

/** What is to be done next. */
export function stepOf(plan: BisectPlan, trials: readonly Trial[]): Step {
  const { versions, confidence, runs } = plan;
  return nextStep({ versions: versions.length, side: failingSide(plan), confidence, runs }, trials);
}

function judged({ versions }: BisectPlan, index: number, trials: readonly Trial[]): JudgedVersion {
  const { name, subject, merge } = versions[index] as BisectPlan['versions'][number];
  const own = trials.filter(({ version }) => version === index);
  const count = (state: Trial['state']): number => own.filter((one) => one.state === state).length;
  return {
    index,
    name,
    subject,
    merge,
    fails: count('fail'),
    passes: count('pass'),
    unknown: count('unknown'),
    unbuildable: own.find(({ state }) => state === 'unbuildable')?.because ?? null,
    software: own.find(({ software }) => software !== null)?.software ?? null,
    trials: own,
  };
}

/** Of the first of them that was seen to fail, or to pass. */
function evidence(
  versions: readonly JudgedVersion[],
  within: (version: JudgedVersion) => boolean,
  fails: boolean,
): Evidence | null {
  for (const version of versions.filter(within)) {
    const trial = version.trials.find(({ state }) => state === (fails ? 'fail' : 'pass'));
    if (trial !== undefined) return { version, trial };
  }
  return null;
}
