/** The options that say which cells of a suite are meant, for the commands that have them. */
import { type Command, InvalidArgumentError } from 'commander';
import { chosenCells, type Earlier, type Estimated, type Shard } from '../analysis/suite/plan.ts';
import { UsageError } from '../errors.ts';
import type { Overrides } from '../scenario/overrides.ts';
import type { LoadedSuite } from '../scenario/suite.ts';
import type { Context } from './context.ts';
import { changingScenarios, wholeNumber } from './options.ts';

export interface ChoosingOptions extends Overrides {
  only?: string[];
  shard?: Shard;
  lastFailed?: boolean;
  earlier?: string[];
  repeat: number;
  retries: number;
  reports: string;
}

export function choosingCells(command: Command): Command {
  return changingScenarios(command)
    .option('--only <text...>', 'cells that have one of these in their names')
    .option('--shard <i/n>', 'one of n parts, of about the same time', shardNumber)
    .option('--last-failed', 'only what did not pass the last time')
    .option('--earlier <result...>', 'the last time: its results, for the estimates, too')
    .option('--repeat <n>', 'runs of each cell, round by round', wholeNumber(1), 1)
    .option('--retries <n>', 'how often to try again; then it is flaky', wholeNumber(0), 0)
    .option('--reports <dir>', 'where run directories are made', 'reports');
}

/** `2/5`: the second of five. */
function shardNumber(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.of <= 1_000 && shard.index <= shard.of) return shard;
  throw new InvalidArgumentError('It must be I/N, such as 2/5, with I from 1 to N.');
}

/**
 * The suite, and which of its cells are meant. Without `--earlier` the newest result below the reports is the last time,
 * but not for a shard: all shards must come to the same parts, wherever they run.
 */
export async function choose(
  path: string,
  options: ChoosingOptions,
  context: Context,
): Promise<{ suite: LoadedSuite; cells: Estimated[]; shard: Shard | null }> {
  const { only = [], shard = null, lastFailed = false, earlier, repeat, retries, reports, ...rest } = options;
  const suite = await context.actions.loadSuite(path, { overrides: overridesOf(rest), repeat, retries });
  if (shard !== null && lastFailed && earlier === undefined) {
    throw new UsageError('--last-failed of a shard needs --earlier', 'give all shards the same result file');
  }
  const known: Earlier[] =
    earlier !== undefined || shard === null
      ? await context.actions.earlierResults(earlier ?? null, { reports, name: suite.plan.name })
      : [];
  const cells = chosenCells(suite.plan, { only, lastFailed, shard, earlier: known });
  return { suite, cells, shard };
}

/** Options that are not those of scenarios would make plans differ that are the same. */
function overridesOf(rest: Overrides): Overrides {
  const { toolchain, runc, crun, criu, runtime, count, warmUp, rate, seed, testbed, limits } = rest;
  const all = { toolchain, runc, crun, criu, runtime, count, warmUp, rate, seed, testbed, limits };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
