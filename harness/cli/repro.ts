/** `thaw repro`. */
import { basename, dirname } from 'node:path';
import { type Command, Option } from 'commander';
import type { ReproState } from '../analysis/repro/result.ts';
import { type ExitCode, UsageError } from '../errors.ts';
import { STRESS_KINDS, type StressKind } from '../host/stress.ts';
import type { CaptureKind, RunRecord } from '../model.ts';
import { noProgress } from '../report/progress.ts';
import { renderMinimised } from '../report/repro/minimised.ts';
import { renderPacked } from '../report/repro/packed.ts';
import { renderRepro } from '../report/repro/summary.ts';
import { safeText } from '../report/text.ts';
import type { ReproRequest } from '../repro.ts';
import { type Context, near, printJson, progressOn, terminal } from './context.ts';
import { captureOption, wholeNumber } from './options.ts';
import { requireFor } from './require.ts';

interface ReproOptions {
  repeat?: number;
  untilFailure?: number;
  stress?: StressKind[];
  minimise?: string;
  pack?: string;
  images?: boolean;
  capture?: CaptureKind[];
  script?: string;
  keep?: boolean;
  yes?: boolean;
  reports: string;
  json?: boolean;
  quiet?: boolean;
}

const EXIT_CODES: Record<ReproState, ExitCode> = { reproduced: 0, other: 1, passed: 1, unknown: 2 };

export function addRepro(program: Command, context: Context): void {
  program
    .command('repro')
    .summary('run a run again: does it fail as it did?')
    .description(
      'Runs what a run directory holds again: the same scenario, toolchains and seed. Tells whether it fails in the same way, and how often.',
    )
    .argument('<run>', 'run directory, or its record.json')
    .option('--repeat <n>', 'so many runs, for the share of those that fail', wholeNumber(1))
    .option('--until-failure <n>', 'at most so many, and none after it has failed so', wholeNumber(1))
    .addOption(
      new Option('--stress <kind...>', 'load of this machine beside it, for rare failures').choices(
        STRESS_KINDS,
      ),
    )
    .option('--minimise <file>', 'find the smallest scenario that still fails, and write it there')
    .addOption(captureOption('also capture that; images: of migrations that fail'))
    .option('--pack <file>', 'run nothing: one archive (.tar.gz) for a bug tracker, without secrets')
    .option('--images', 'with --pack: also images that were captured: memory, with its secrets')
    .option('--script <file>', 'run nothing: a shell script that does the same without Thaw')
    .option('--keep', 'stop at the first failed migration with everything in place')
    .option('--yes', 'also a run that was not begun here: it runs what that says, as root')
    .option('--reports <dir>', 'where run directories are made', 'reports')
    .option('--json', 'print the result on stdout; progress goes to stderr')
    .option('--quiet', 'no progress, only the result')
    .addHelpText('after', EXAMPLES)
    .action((run: string, options: ReproOptions) => repro(run, options, context));
}

const EXAMPLES = `
Examples:
  sudo thaw repro reports/httpd/2026-01-31T12-00-00Z
  sudo thaw repro RUN --repeat 20
  sudo thaw repro RUN --until-failure 100 --stress cpu memory
  sudo thaw repro RUN --minimise smallest.yaml
  sudo thaw repro RUN --minimise smallest.yaml --until-failure 5
  sudo thaw repro unpacked/of/a/stranger --yes
  sudo thaw repro RUN --capture strace core images
  thaw repro RUN --pack bug.tar.gz
  thaw repro RUN --pack bug.tar.gz --images
  thaw repro RUN --script replay.sh
  sudo thaw repro RUN --keep          and in another terminal:
  sudo thaw testbed shell rhel01 --testbed netns

With --minimise each smaller scenario is run once, or --until-failure times.

Exit codes:
  0  it failed as it did (or passed, where it had passed)
  1  it did not, or failed in another way
  2  unknown: no run could begin`;

/** The archive, and what was redacted in it. */
async function pack(run: string, options: ReproOptions, context: Context): Promise<void> {
  const { pack: file = '', images = false, json } = options;
  const directory = basename(run) === 'record.json' ? dirname(run) : run;
  const packed = await context.actions.packRun(directory, file, { images });
  if (json) printJson(context, packed);
  else context.out.write(renderPacked({ ...packed, file: near(file) }, terminal(context, context.out)));
}

async function script(
  before: RunRecord,
  { script: file = '', json }: ReproOptions,
  context: Context,
): Promise<void> {
  await context.actions.writeReport(file, await context.actions.scriptOf(before));
  const told = 'look through it, and then: sudo sh';
  if (json) printJson(context, { file });
  else context.out.write(`written to ${near(file)}; ${told} ${near(file)}\n`);
}

/** UsageError for what does not go together. */
function refuse(options: ReproOptions): void {
  const { repeat, untilFailure, minimise, keep, capture } = options;
  if (repeat !== undefined && (untilFailure !== undefined || minimise !== undefined)) {
    throw new UsageError('--repeat goes with neither --until-failure nor --minimise', 'choose one of them');
  }
  const others = [repeat, untilFailure, minimise, options.stress, keep, capture];
  for (const name of ['pack', 'script'] as const) {
    const beside = name === 'pack' ? [...others, options.script] : others;
    if (options[name] === undefined || beside.every((one) => one === undefined)) continue;
    throw new UsageError(`--${name} runs nothing, and goes with no option of a run`, 'use it alone');
  }
  if (options.images && options.pack === undefined) {
    throw new UsageError('--images goes with --pack', 'to keep them, say --capture images');
  }
  if (keep === true && minimise !== undefined) {
    throw new UsageError('--keep does not go with --minimise', 'run the smallest scenario with --keep');
  }
}

/** What a stranger's run would do here, as root. */
function foreign(run: string, { head: { scenario, hosts } }: RunRecord): UsageError {
  const { bundle, handover } = scenario;
  const runs = [
    `bundle ${safeText(bundle.kind === 'existing' ? bundle.path : bundle.name, 200)}`,
    ...hosts.map(
      ({ name, toolchain }) => `on ${safeText(name, 60)} toolchain ${safeText(toolchain.name, 200)}`,
    ),
    ...(handover.hook === null ? [] : [`hook ${safeText(handover.hook, 200)}`]),
  ];
  return new UsageError(
    `${run} was not begun here, or has been changed since; to run it again runs as root what it says: ${runs.join('; ')}`,
    'look through its scenario.yaml and record.json, and then add --yes',
  );
}

async function repro(run: string, options: ReproOptions, context: Context): Promise<void> {
  const { repeat, untilFailure, stress = [], capture = [], minimise, keep = false, reports } = options;
  const { json, quiet } = options;
  refuse(options);
  const before = await context.actions.loadRecord(run);
  if (options.pack !== undefined) return pack(run, options, context);
  if (options.script !== undefined) return script(before, options, context);
  if (!options.yes && !(await context.actions.isOurs(run, before))) throw foreign(run, before);
  requireFor(before.head.scenario, context);
  const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
  const request: ReproRequest = {
    run,
    before,
    times: repeat ?? untilFailure ?? 1,
    untilFailure: untilFailure !== undefined,
    stress,
    capture,
    keep,
    reportsDirectory: reports,
    progress,
    signal: context.signal,
  };
  const style = terminal(context, context.out);
  if (minimise !== undefined) {
    const found = await context.actions.minimise(request).finally(() => progress.end());
    await context.actions.writeReport(minimise, found.scenario);
    if (json) printJson(context, found);
    else context.out.write(renderMinimised({ ...found, file: near(minimise) }, style));
    context.signal.throwIfAborted();
    return;
  }
  const result = await context.actions.reproduce(request).finally(() => progress.end());
  if (json) printJson(context, result);
  else context.out.write(`${quiet ? '' : '\n'}${renderRepro(result, style)}`);
  context.finish(EXIT_CODES[result.state]);
}
