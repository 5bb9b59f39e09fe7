/** `thaw sweep`. */
import type { Command } from 'commander';
import type { SweepResult } from '../analysis/sweep/result.ts';
import { sweepMarkdown } from '../report/formats/sweep-markdown.ts';
import { noProgress } from '../report/progress.ts';
import { renderSweepPlan, sizeOf, type ToldSweep } from '../report/sweep/plan.ts';
import { renderSweep } from '../report/sweep/summary.ts';
import type { LoadedSweep } from '../scenario/load.ts';
import type { Overrides } from '../scenario/overrides.ts';
import { type Context, near, printJson, progressOn, terminal, writeReports } from './context.ts';
import { MIGRATIONS_UNASKED, requireMeant } from './many.ts';
import { changingScenarios } from './options.ts';
import { requireFor } from './require.ts';
import { EXIT_CODES } from './run.ts';

interface SweepOptions extends Overrides {
  reports: string;
  plan?: boolean;
  yes?: boolean;
  history?: string;
  html?: string;
  markdown?: string;
  json?: boolean;
  quiet?: boolean;
}

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
    .option('--history <file>', 'also add a line for each run there, for `thaw trend`')
    .option('--json', 'print the result on stdout; progress goes to stderr')
    .option('--html <file>', 'write its page there as well, with links to its runs')
    .option('--markdown <file>', "also write it as Markdown, for a job's summary")
    .option('--quiet', 'no progress, only the result')
    .addHelpText('after', EXAMPLES)
    .action((scenario: string, options: SweepOptions) => sweep(scenario, options, context));
}

const EXAMPLES = `
Examples:
  sudo thaw sweep scenarios/sweep-memory.yaml
  thaw sweep scenarios/sweep-memory.yaml --plan
  sudo thaw sweep scenarios/sweep-handover.yaml --count 20 --json | jq .costs
  sudo thaw sweep scenarios/sweep-skew.yaml --json | jq .compatibility
  sudo thaw sweep scenarios/sweep-skew.yaml --markdown "$GITHUB_STEP_SUMMARY"
  thaw report reports/sweep-memory/sweep-2026-01-31T12-00-00Z`;

async function sweep(path: string, options: SweepOptions, context: Context): Promise<void> {
  const { reports, plan, yes, history, html, markdown, json = false, quiet, ...overrides } = options;
  const loaded = await context.actions.loadSweep(path, overrides);
  if (plan) {
    if (json) printJson(context, planOf(loaded));
    else context.out.write(renderSweepPlan(planOf(loaded), terminal(context, context.out)));
    return;
  }
  for (const { scenario } of loaded.cells) requireFor(scenario, context);
  requireMeant(migrationsOf(loaded), yes, {
    told: `${path} makes ${sizeOf(planOf(loaded))}`,
    look: '--plan',
  });
  if (history !== undefined) await context.actions.addToHistory(history, []);
  const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
  const request = { sweep: loaded, reportsDirectory: reports, html, progress, signal: context.signal };
  const ended = await context.actions.runSweep(request).finally(() => progress.end());
  if (history !== undefined) await context.actions.addToHistory(history, ended.runs);
  if (!quiet && !json) context.out.write('\n');
  await showSweep(ended.result, { directory: ended.directory, markdown, json }, context);
  context.signal.throwIfAborted();
}

/** The result or its summary on stdout, and the file that is asked for; the command ends like it. */
export async function showSweep(
  result: SweepResult,
  options: { directory: string; markdown?: string | undefined; json: boolean },
  context: Context,
): Promise<void> {
  const formats = { markdown: sweepMarkdown };
  await writeReports<SweepResult, 'markdown'>(result, formats, options, context);
  const directory = near(options.directory);
  if (options.json) printJson(context, result);
  else context.out.write(renderSweep(result, { ...terminal(context, context.out), directory }));
  context.finish(EXIT_CODES[result.verdict]);
}

function migrationsOf({ cells, rounds }: LoadedSweep): number {
  return cells.reduce(
    (sum, { scenario: { migration } }) => sum + rounds * (migration.warmUp + migration.count),
    0,
  );
}

function planOf(sweep: LoadedSweep): ToldSweep {
  const { axes, rounds, cells } = sweep;
  return { axes, rounds, migrations: migrationsOf(sweep), cells: cells.map(({ scenario }) => scenario.cell) };
}
