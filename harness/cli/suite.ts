/** `thaw suite` and `thaw merge`: many scenarios, or parts of them that several machines have run. */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { SuiteResult } from '../analysis/suite/result.ts';
import { counted } from '../counted.ts';
import type { ExitCode } from '../errors.ts';
import { suiteJunit } from '../report/formats/suite-junit.ts';
import { suiteMarkdown } from '../report/formats/suite-markdown.ts';
import { noProgress } from '../report/progress.ts';
import { renderSuite } from '../report/suite/summary.ts';
import { type ChoosingOptions, choose, choosingCells } from './choosing.ts';
import { type Context, near, printJson, progressOn, terminal, writeReports } from './context.ts';
import { MIGRATIONS_UNASKED, requireMeant } from './many.ts';
import { requireFor } from './require.ts';
import { EXIT_CODES } from './run.ts';

/** Each by the option that names its file. */
type Format = 'junit' | 'markdown';

interface ShowOptions {
  allowFlaky?: boolean;
  json?: boolean;
  junit?: string | undefined;
  markdown?: string | undefined;
}

interface SuiteOptions extends ChoosingOptions, ShowOptions {
  history?: string;
  html?: string;
  quiet?: boolean;
  yes?: boolean;
}

export function addSuite(program: Command, context: Context): void {
  const command = program
    .command('suite')
    .summary('run many scenarios, each by many toolchains or settings')
    .description(
      'Runs the cells of a suite: its scenarios × its axes. What is known to fail is told apart from what is not.',
    )
    .argument('<suite>', 'suite file (YAML)');
  showing(choosingCells(command))
    .option('--yes', `also if it is more than ${MIGRATIONS_UNASKED} migrations`)
    .option('--history <file>', 'also add a line for each run there, for `thaw trend`')
    .option('--html <file>', 'write its page there as well, with links to its runs')
    .option('--quiet', 'no progress, only the result')
    .addHelpText('after', EXAMPLES)
    .action((path: string, options: SuiteOptions) => suite(path, options, context));
}

export function addMerge(program: Command, context: Context): void {
  const command = program
    .command('merge')
    .summary('make one result of the shards of a suite')
    .description('Takes what each shard wrote, from any machine. A cell that no shard has run is told.')
    .argument('<result...>', 'suite-result.json of each shard, or the directories that have them')
    .option('--into <file>', 'write the result there, for thaw report and as --earlier')
    .option('--html <file>', 'write the page of it there, with links to the runs that are here');
  showing(command)
    .addHelpText('after', MERGE_EXAMPLES)
    .action(async (paths: string[], options: ShowOptions & { into?: string; html?: string }) => {
      const result = await context.actions.mergeSuites(paths, options.into ?? null, options.html);
      await showSuite(result, { where: options.into ?? paths.map(near).join(' '), ...options }, context);
    });
}

function showing(command: Command): Command {
  return command
    .option('--allow-flaky', 'end with 0 where all the rest passed')
    .option('--json', 'print the result on stdout; progress goes to stderr')
    .option('--junit <file>', 'also write it as JUnit XML, one case a cell')
    .option('--markdown <file>', "also write it as Markdown, for a job's summary");
}

const EXAMPLES = `
Examples:
  thaw plan scenarios/suites/runtimes.yaml
  sudo thaw suite scenarios/suites/runtimes.yaml
  sudo thaw suite runtimes.yaml --only crun --count 3
  sudo thaw suite runtimes.yaml --retries 1 --junit suite.xml
  sudo thaw suite runtimes.yaml --last-failed
  sudo thaw suite runtimes.yaml --shard 1/4 --earlier last.json

Exit codes:
  0  all passed, or failed as the suite expects
  1  a cell failed, or passed though it is expected to fail
  2  a cell is unknown, skipped, flaky, or was not run`;

const MERGE_EXAMPLES = `
Examples:
  thaw merge shard-*/suite-result.json --into last.json --junit suite.xml
  thaw merge shard-*/suite-result.json --html suite.html
  thaw merge reports/runtimes/suite-* --markdown "$GITHUB_STEP_SUMMARY"`;

async function suite(path: string, options: SuiteOptions, context: Context): Promise<void> {
  const { allowFlaky, json, junit, markdown, history, html, quiet, yes, ...choosing } = options;
  const chosen = await choose(path, choosing, context);
  for (const { id } of chosen.cells) {
    const loaded = chosen.suite.scenarios.get(id);
    if (loaded !== undefined) requireFor(loaded.scenario, context);
  }
  const { repeat } = choosing;
  const migrations = repeat * chosen.cells.reduce((sum, { wanted }) => sum + wanted, 0);
  requireMeant(migrations, yes, {
    told: `${path} makes ${counted(chosen.cells.length, 'cell')} × ${repeat} = ${counted(chosen.cells.length * repeat, 'run')}, ${counted(migrations, 'migration')}`,
    look: 'thaw plan',
  });
  if (history !== undefined) await context.actions.addToHistory(history, []);
  const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
  const request = { ...chosen, reportsDirectory: options.reports, html, progress, signal: context.signal };
  const { result, directory } = await context.actions.runSuite(request).finally(() => progress.end());
  if (history !== undefined) await context.actions.addToHistory(history, runsOf(result, directory));
  if (!quiet && !json) context.out.write('\n');
  await showSuite(result, { where: near(directory), directory: near(directory), ...options }, context);
  context.signal.throwIfAborted();
}

/** Run directories of all that began, in the order in which the cells stand. */
function runsOf({ cells }: SuiteResult, directory: string): string[] {
  return cells.flatMap(({ attempts }) =>
    attempts.flatMap(({ run }) => (run === null ? [] : join(directory, run))),
  );
}

/** The result or its summary on stdout, and the files that are asked for; the command ends like it. */
export async function showSuite(
  result: SuiteResult,
  options: ShowOptions & { where: string; directory?: string },
  context: Context,
): Promise<void> {
  const junit = (found: SuiteResult): string => suiteJunit(found, options.directory ?? null);
  await writeReports<SuiteResult, Format>(result, { junit, markdown: suiteMarkdown }, options, context);
  if (options.json) printJson(context, result);
  else context.out.write(renderSuite(result, { ...terminal(context, context.out), where: options.where }));
  context.finish(exitCodeOf(result, options.allowFlaky ?? false));
}

/** What was cut out for a shard, and has no cell, is as good as passed. */
function exitCodeOf({ cells, verdict, shard }: SuiteResult, allowFlaky: boolean): ExitCode {
  if (cells.length === 0 && shard !== null) return 0;
  const settled = cells.every(({ state }) => ['pass', 'expected', 'flaky'].includes(state));
  return allowFlaky && settled ? 0 : EXIT_CODES[verdict];
}
