/** `thaw run`. */
import type { Command } from 'commander';
import { verdictOf } from '../analysis/checks.ts';
import { type ExitCode, UsageError } from '../errors.ts';
import type { LivePage } from '../live-page/open.ts';
import type { RunRecord, VerdictState } from '../model.ts';
import { noProgress } from '../report/progress.ts';
import { renderSummary } from '../report/summary.ts';
import type { RunRequest } from '../run.ts';
import type { Overrides } from '../scenario/overrides.ts';
import { runAgainst } from './against.ts';
import { type Context, near, printJson, progressOn, terminal } from './context.ts';
import { changingScenarios, toolchains, wholeNumber } from './options.ts';
import { requireFor } from './require.ts';

interface RunOptions extends Overrides {
  against?: NonNullable<Overrides['toolchain']>;
  rounds: number;
  reports: string;
  history?: string;
  html?: string;
  keep?: boolean;
  ui?: boolean;
  resume?: string;
  yes?: boolean;
  json?: boolean;
  quiet?: boolean;
}

export const EXIT_CODES: Record<VerdictState, ExitCode> = { pass: 0, fail: 1, unknown: 2 };

export function addRun(program: Command, context: Context): void {
  const command = program
    .command('run')
    .summary('migrate a container between two hosts, and tell how it went')
    .description(
      'Runs each scenario: hosts up, container started, migrated again and again, all of it recorded.',
    )
    .argument('[scenario...]', 'scenario files (YAML)');
  changingScenarios(command)
    .option('--against <t>', 'compare with this toolchain, run in turns (ABBA) with it', toolchains)
    .option('--rounds <n>', 'with --against: runs of each', wholeNumber(1), 4)
    .option('--reports <dir>', 'where run directories are made', 'reports')
    .option('--history <file>', 'also add a line for each run there, for `thaw trend`')
    .option('--html <file>', 'with --against: write the comparison there, as a page')
    .option('--keep', 'stop at the first failed migration with everything in place')
    .option('--ui', 'also show it in a browser on this machine while it goes on')
    .option('--resume <run>', 'go on with a run that was broken off, as a new run beside it')
    .option('--yes', 'with --resume: also a run that was not begun here, as root')
    .option('--json', 'print the records on stdout, one a line; progress goes to stderr')
    .option('--quiet', 'no progress, only the result')
    .addHelpText('after', EXAMPLES)
    .action((scenarios: string[], options: RunOptions) => run(scenarios, options, context));
}

const EXAMPLES = `
Examples:
  sudo thaw run scenarios/httpd.yaml
  sudo thaw run scenarios/httpd.yaml --count 100 --rate 1000
  sudo thaw run scenarios/classic.yaml scenarios/counter.yaml --quiet
  sudo thaw run scenarios/httpd.yaml --toolchain debian:forky --runtime crun
  sudo thaw run scenarios/httpd.yaml --criu ~/criu/criu/criu --against auto
  thaw run scenarios/httpd.yaml --testbed vagrant
  thaw run scenarios/httpd.yaml --testbed ssh:inventory.yaml
  sudo thaw run httpd.yaml --toolchain rhel01=debian:trixie,rhel02=debian:forky
  sudo thaw run scenarios/httpd.yaml --count 30 --history history.ndjson
  sudo thaw run scenarios/httpd.yaml --for 8h --ui
  sudo thaw run --resume reports/httpd/2026-01-31T12-00-00Z
  sudo thaw run scenarios/httpd.yaml --json | jq .verdict`;

async function run(scenarios: string[], options: RunOptions, context: Context): Promise<void> {
  const {
    against,
    rounds,
    reports,
    history,
    html,
    keep,
    ui,
    resume,
    yes,
    json = false,
    quiet = false,
    ...overrides
  } = options;
  if (resume === undefined && scenarios.length === 0) {
    throw new UsageError('no scenario is named', 'thaw run scenarios/httpd.yaml');
  }
  if (resume !== undefined) refuseBesideResume(scenarios, { against, ...overrides });
  else if (yes) throw new UsageError('--yes goes with --resume', 'leave it out');
  if (against !== undefined) {
    const beside = keep ? '--keep' : ui ? '--ui' : null;
    if (beside !== null) {
      throw new UsageError(`${beside} does not go with --against`, 'leave one of them out');
    }
    const request = { against, rounds, candidate: overrides, reports, history, html, json, quiet };
    await runAgainst(scenarios, request, context);
    return;
  }
  refuseHtml(html);
  // All of them, before the first is run.
  const all: Planned[] =
    resume === undefined
      ? await Promise.all(
          scenarios.map(async (path) => ({
            loaded: await context.actions.loadScenario(path, overrides),
            reportsDirectory: reports,
            continues: [],
          })),
        )
      : [await context.actions.resume(resume, { anyones: yes ?? false })];
  for (const { loaded } of all) requireFor(loaded.scenario, context);
  if (history !== undefined) await context.actions.addToHistory(history, []);
  const verdicts: VerdictState[] = [];
  await besidePage(ui, context, async (page) => {
    for (const planned of all) {
      const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
      const request = { ...planned, progress, signal: context.signal, keep, page };
      const { record, directory } = await context.actions.runScenario(request).finally(() => progress.end());
      if (history !== undefined) await context.actions.addToHistory(history, [directory]);
      if (!quiet && !json) context.out.write('\n');
      show(record, { directory, json }, context);
      verdicts.push(verdictOf(record));
      context.signal.throwIfAborted();
    }
  });
  context.finish(EXIT_CODES[worst(verdicts)]);
}

/** Each run has a page of its own. */
function refuseHtml(html: string | undefined): void {
  if (html === undefined) return;
  throw new UsageError(
    '--html is the page of a comparison',
    'say --against, or look at report.html of the run',
  );
}

/** Its address goes to stderr: it is no result, and it is told with --quiet, too. */
async function besidePage(
  wanted: boolean | undefined,
  context: Context,
  act: (page: LivePage | undefined) => Promise<void>,
): Promise<void> {
  if (!wanted) return act(undefined);
  const page = await context.actions.openLivePage();
  context.err.write(`live page, for this machine only, until the run ends: ${page.url}\n`);
  let ending = 'Ended before it had a report.';
  try {
    await act(page);
    ending = 'Ended. This page stays as it is; the report is in the run directory.';
  } finally {
    const died = await page.close(ending);
    if (died !== null) context.err.write(`the live page ended before the run: ${died}\n`);
  }
}

type Planned = Pick<RunRequest, 'loaded' | 'reportsDirectory' | 'continues'>;

/** A run goes on as it was begun. */
function refuseBesideResume(scenarios: readonly string[], others: object): void {
  const given = Object.entries(others).find(([name, value]) => value !== undefined && name !== 'limits');
  const what = scenarios.length > 0 ? 'a scenario' : given && `--${given[0]}`;
  if (what === undefined) return;
  throw new UsageError(`${what} does not go with --resume`, 'a run goes on as it was begun: leave it out');
}

/** The record or its summary, on stdout. */
export function show(record: RunRecord, how: { directory: string; json: boolean }, context: Context): void {
  if (how.json) {
    printJson(context, record);
    return;
  }
  const directory = near(how.directory);
  context.out.write(renderSummary(record, { ...terminal(context, context.out), directory }));
}

function worst(verdicts: readonly VerdictState[]): VerdictState {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('unknown') ? 'unknown' : 'pass';
}
