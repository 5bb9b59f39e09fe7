/** `thaw run --against`: two toolchains in turns, and how they compare. */
import type { Sides } from '../against.ts';
import { noProgress } from '../report/progress.ts';
import type { Overrides } from '../scenario/overrides.ts';
import { showComparison } from './compare.ts';
import { type Context, near, progressOn } from './context.ts';
import { requireFor } from './require.ts';

export interface AgainstOptions {
  /** The base; what the other options say is the candidate. */
  against: NonNullable<Overrides['toolchain']>;
  rounds: number;
  candidate: Overrides;
  reports: string;
  /** A file to which all runs are added. */
  history: string | undefined;
  /** A file for the page of the comparison. */
  html: string | undefined;
  json: boolean;
  quiet: boolean;
}

/** As `thaw compare` does it where nothing else is said. */
const COMPARING = { alpha: 0.05, threshold: 0.05, seed: 1, measurements: null, allowDifferences: false };

export async function runAgainst(
  scenarios: readonly string[],
  { against, rounds, candidate, reports, history, html, json, quiet }: AgainstOptions,
  context: Context,
): Promise<void> {
  const { loadScenario } = context.actions;
  const { runc: _runc, crun: _crun, criu: _criu, ...others } = candidate;
  const pairs = await Promise.all(
    scenarios.map(async (path) => ({
      base: await loadScenario(path, { ...others, toolchain: against }),
      candidate: await loadScenario(path, candidate),
    })),
  );
  for (const { base } of pairs) requireFor(base.scenario, context);
  if (history !== undefined) await context.actions.addToHistory(history, []);
  const sides: Sides = { base: [], candidate: [] };
  for (const pair of pairs) {
    const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
    const request = { ...pair, rounds, reportsDirectory: reports, progress, signal: context.signal };
    const made = await context.actions.runAgainst(request).finally(() => progress.end());
    if (history !== undefined) await context.actions.addToHistory(history, [...made.base, ...made.candidate]);
    sides.base.push(...made.base);
    sides.candidate.push(...made.candidate);
  }
  const comparison = await context.actions.compareRuns({ ...sides, options: COMPARING, html });
  if (!quiet && !json) context.out.write('\n');
  showComparison(comparison, json, context);
  if (!json) context.out.write(`\n${again(sides)}\n`);
}

/** How to compare the same runs by other rules. */
function again({ base, candidate }: Sides): string {
  const paths = (directories: readonly string[]): string => directories.map(near).join(' \\\n    ');
  return `Again, as you like\n  thaw compare ${paths(base)} \\\n    --with ${paths(candidate)}`;
}
