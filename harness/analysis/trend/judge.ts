/** From the splits of a series to its changes, and what the newest of them says. */
import { changeOf } from '../compare/change.ts';
import type { Limits } from '../compare/decide.ts';
import { attainableP, type Split } from './change-points.ts';
import type { HistoryRun } from './history-run.ts';
import type { ChangePoint, RunName, Series, VersionChange } from './model.ts';
import type { Draft } from './series.ts';

/** `adjusted`: each split's p after the correction for all that were tested, `tests` of them. */
export function judge(
  draft: Draft,
  split: Split | null,
  adjusted: ReadonlyMap<Split, number>,
  limits: Limits & { tests: number },
): Series {
  const { measurement, unit, points, known } = draft;
  const holds = accepted(split, adjusted, limits.alpha);
  const changes = holds.map(({ at, split: of }, i): ChangePoint => {
    const [from, to] = [holds[i - 1]?.at ?? 0, holds[i + 1]?.at ?? known.length];
    const value = (run: Draft['known'][number]): number => run.value;
    const base = known.slice(from, at).map(value);
    const candidate = known.slice(at, to).map(value);
    const runs = known.map(({ run }) => run);
    return {
      after: nameOf(runs[at - 1] as HistoryRun),
      before: nameOf(runs[at] as HistoryRun),
      change: changeOf([{ base, candidate }]),
      p: significant(of.p),
      pAdjusted: significant(adjusted.get(of) as number),
      versions: versionChanges(runs, at),
    };
  });
  return { measurement, unit, points, changes, ...verdictOf(draft, changes, limits) };
}

/** Those below alpha whose wider stretch was split, too; in the order of time. */
function accepted(
  split: Split | null,
  adjusted: ReadonlyMap<Split, number>,
  alpha: number,
): { at: number; split: Split }[] {
  if (split === null || (adjusted.get(split) as number) >= alpha) return [];
  const inner = split.parts.flatMap((part) => accepted(part, adjusted, alpha));
  return [...split.at.map((at) => ({ at, split })), ...inner].sort((a, b) => a.at - b.at);
}

function verdictOf(
  { known, points }: Draft,
  changes: readonly ChangePoint[],
  { alpha, threshold, tests }: Limits & { tests: number },
): Pick<Series, 'verdict' | 'why'> {
  const newest = changes.at(-1);
  if (newest !== undefined) {
    // Nothing before and something now is more than any threshold.
    const size = newest.change?.estimate ?? Number.POSITIVE_INFINITY;
    if (Math.abs(size) <= threshold) {
      return { verdict: 'no difference shown', why: 'its newest change is no larger than the threshold' };
    }
    return { verdict: size > 0 ? 'regressed' : 'improved', why: 'its newest change' };
  }
  const limit = alpha / Math.max(1, tests);
  if (attainableP(known.length) >= limit) {
    const missing = points.length - known.length;
    const without = missing === 0 ? '' : `, ${missing} more did not measure it`;
    const why = `too few runs: ${neededRuns(limit)} are needed, there are ${known.length}${without}`;
    return { verdict: 'unknown', why };
  }
  const same = known.every(({ value }) => value === known[0]?.value);
  return { verdict: 'no difference shown', why: same ? 'the same in all runs' : 'no change is significant' };
}

function neededRuns(limit: number): number {
  let runs = 1;
  while (attainableP(runs) >= limit) runs++;
  return runs;
}

/** Most changes are found within two runs of where they are; the nearest first. */
const NEAR = [0, -1, 1, -2, 2];

/** What changed of the software about there. */
function versionChanges(runs: readonly HistoryRun[], at: number): VersionChange[] {
  return NEAR.flatMap((away) => {
    const [before, after] = [runs[at + away - 1]?.versions, runs[at + away]?.versions];
    if (before === undefined || after === undefined) return [];
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((what): VersionChange[] => {
      const [from, to] = [before[what] ?? 'unknown', after[what] ?? 'unknown'];
      return from === to ? [] : [{ what, from, to, runs: away }];
    });
  });
}

function nameOf({ id, startedAt }: HistoryRun): RunName {
  return { id, startedAt };
}

/** Six digits: more would differ between machines. */
function significant(p: number): number {
  return Number(p.toPrecision(6));
}
