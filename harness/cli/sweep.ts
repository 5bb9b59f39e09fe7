/** `thaw sweep`. */
import type { Command } from 'commander';
import type { SweepResult } from '../analysis/sweep/result.ts';
import { UsageError } from '../errors.ts';
import { noProgress } from '../report/progress.ts';
import { renderSweep } from '../report/sweep/summary.ts';
import type { LoadedSweep } from '../scenario/load.ts';
import type { Overrides } from '../scenario/overrides.ts';
import { type Context, near, printJson, progressOn, terminal } from './context.ts';
import { changingScenarios } from './options.ts';
import { requireFor } from './require.ts';
import { EXIT_CODES } from './run.ts';

interface SweepOptions extends Overrides {
  reports: string;
  plan?: boolean;
  yes?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** More migrations than this are asked about. */
const MIGRATIONS_UNASKED = 1_000;

export function addSweep(program: Command, context: Context): void {
  const command = program
    .command('sweep')
    .summary('run a scenario once for each combination of what it varies')
    .description(
      'Runs every cell of a scenario with `vary`, in rounds and in a random order, and tells what the differences cost.',
    )
    .argument('<scenario>', 'scenario file (YAML) with `vary`');
  changingScenarios(command)
    .option('--plan', 'only show the cells, and run nothing')
    .option('--yes', `also if it is more than ${MIGRATIONS_UNASKED} migrations`)
    .option('--reports <dir>', 'where its directory is made', 'reports')
    .option('--json', 'print the result on stdout; progress goes to stderr')
    .option('--quiet', 'no progress, only the result')
    .addHelpText('after', EXAMPLES)
    .action((scenario: string, options: SweepOptions) => sweep(scenario, options, context));
}

const EXAMPLES = `
Examples:
  sudo thaw sweep scenarios/sweep-memory.yaml
  thaw sweep scenarios/sweep-memory.yaml --plan
  sudo thaw sweep scenarios/sweep-handover.yaml --count 20 --json | jq .costs
  thaw report reports/sweep-memory/sweep-2026-01-31T12-00-00Z`;

async function sweep(path: string, options: SweepOptions, context: Context): Promise<void> {
  const { reports, plan, yes, json, quiet, ...overrides } = options;
  const loaded = await context.actions.loadSweep(path, overrides);
  if (plan) {
    if (json) printJson(context, planOf(loaded));
    else context.out.write(`${[summaryOf(loaded), ...loaded.cells.map(lineOf)].join('\n')}\n`);
    return;
  }
  for (const { scenario } of loaded.cells) requireFor(scenario, context);
  if (migrationsOf(loaded) > MIGRATIONS_UNASKED && !yes) {
    throw new UsageError(
      `${path} makes ${summaryOf(loaded)}`,
      'look at it with --plan, and run it with --yes',
    );
  }
  const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
  const request = { sweep: loaded, reportsDirectory: reports, progress, signal: context.signal };
  const { result, directory } = await context.actions.runSweep(request).finally(() => progress.end());
  if (!quiet && !json) context.out.write('\n');
  showSweep(result, { directory, json: json ?? false }, context);
  context.signal.throwIfAborted();
  context.finish(EXIT_CODES[result.verdict]);
}

/** The result or its summary, on stdout. */
export function showSweep(
  result: SweepResult,
  how: { directory: string; json: boolean },
  context: Context,
): void {
  if (how.json) printJson(context, result);
  else {
    const directory = near(how.directory);
    context.out.write(renderSweep(result, { ...terminal(context, context.out), directory }));
  }
}

function migrationsOf({ cells, rounds }: LoadedSweep): number {
  return cells.reduce(
    (sum, { scenario: { migration } }) => sum + rounds * (migration.warmUp + migration.count),
    0,
  );
}

function summaryOf(sweep: LoadedSweep): string {
  const { cells, rounds } = sweep;
  return `${cells.length} cells × ${rounds} rounds = ${cells.length * rounds} runs, ${migrationsOf(sweep)} migrations`;
}

function lineOf({ scenario }: LoadedSweep['cells'][number], index: number): string {
  const values = Object.entries(scenario.cell).map(([key, value]) => `${key} = ${value}`);
  return `  ${String(index + 1).padStart(3)}  ${values.join(', ')}`;
}

function planOf(sweep: LoadedSweep): object {
  const { axes, rounds, cells } = sweep;
  return { axes, rounds, migrations: migrationsOf(sweep), cells: cells.map(({ scenario }) => scenario.cell) };
}
