/** `thaw bisect`. */
import { type Command, Option } from 'commander';
import type { BisectState } from '../analysis/bisect/result.ts';
import type { BisectQuestion } from '../bisect.ts';
import { type ExitCode, UsageError } from '../errors.ts';
import { renderBisect } from '../report/bisect/summary.ts';
import { noProgress } from '../report/progress.ts';
import type { Overrides } from '../scenario/overrides.ts';
import { type Context, near, printJson, progressOn, terminal } from './context.ts';
import { changingScenarios, percentage, wholeNumber } from './options.ts';
import { requireFor, requireRoot } from './require.ts';

interface BisectOptions extends Overrides {
  good?: string;
  bad?: string;
  scenario?: string;
  versions?: string;
  repository?: string;
  part?: 'runc' | 'crun' | 'criu';
  failure?: string;
  confidence: number;
  runs: number;
  resume?: string;
  reports: string;
  json?: boolean;
  quiet?: boolean;
}

const EXIT_CODES: Record<BisectState, ExitCode> = { found: 0, skips: 2, runs: 2, end: 1, going: 2 };

export function addBisect(program: Command, context: Context): void {
  const command = program
    .command('bisect')
    .summary('find the first version that fails, or the first that is fixed')
    .description(
      'Runs a scenario on versions between a good and a bad one until the first that is changed is known. Where --good is the newer, that is the first fixed.',
    )
    .option('--good <version>', 'one that passes: of the list, or a git revision')
    .option('--bad <version>', 'one that fails')
    .option('--scenario <file>', 'what each version runs (YAML)')
    .option('--versions <list>', 'released versions, oldest first: A,B,C (default: known Debian suites)')
    .option('--repository <from>', 'bisect the commits of this clone, or of one that git fetches')
    .addOption(
      new Option('--part <tool>', 'what the versions are of, instead of toolchains').choices([
        'runc',
        'crun',
        'criu',
      ]),
    )
    .option('--failure <name>', 'only this known failure counts; a run that fails otherwise cannot tell')
    .addOption(confidence())
    .option('--runs <n>', 'no more runs than that', wholeNumber(1), 100)
    .option('--resume <dir>', 'take up a bisection that was interrupted')
    .option('--reports <dir>', 'where run directories are made', 'reports');
  changingScenarios(command)
    .option('--json', 'print the result on stdout; progress goes to stderr')
    .option('--quiet', 'no progress, only the result')
    .addHelpText('after', EXAMPLES)
    .action((options: BisectOptions) => bisect(options, context));
}

function confidence(): Option {
  return new Option('--confidence <percent>', 'how sure the answer has to be')
    .argParser(percentage)
    .default(0.95, '95%');
}

const EXAMPLES = `
Examples:
  sudo thaw bisect --good debian:forky --bad debian:bookworm \\
    --scenario scenarios/httpd.yaml
  sudo thaw bisect --good v4.0 --bad criu-dev --repository ~/criu \\
    --part criu --scenario scenarios/httpd.yaml --count 3
  sudo thaw bisect --part runc --versions ./runc-1.1,./runc-1.2,./runc-1.3 \\
    --good ./runc-1.1 --bad ./runc-1.3 --scenario FILE --failure file-lock
  sudo thaw bisect --resume reports/httpd/bisect-2026-01-31T12-00-00Z

A version that does not build, or whose runs cannot tell, is skipped. One
that fails now and then is run until the answer is as sure as is asked for.

Exit codes:
  0  one version was found
  1  an end is not as was said: --good fails, or --bad passes
  2  skips or too few runs leave several, or it was interrupted`;

async function bisect(options: BisectOptions, context: Context): Promise<void> {
  const { reports, json, quiet, resume } = options;
  const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
  const surroundings = { progress, signal: context.signal };
  const { actions } = context;
  const begin = async () => {
    if (resume !== undefined) {
      requireRoot(context);
      return actions.resumeBisect(resume, surroundings);
    }
    const job = await actions.planBisect(questionOf(options, context), surroundings);
    requireFor(job.scenario, context);
    return actions.bisect(job, { ...surroundings, reportsDirectory: reports });
  };
  const { result, directory } = await begin().finally(() => progress.end());
  if (json) printJson(context, { ...result, directory });
  else {
    const style = { ...terminal(context, context.out), where: near(directory) };
    context.out.write(`${quiet ? '' : '\n'}${renderBisect(result, style)}`);
  }
  context.finish(EXIT_CODES[result.state]);
  context.signal.throwIfAborted();
}

function questionOf(options: BisectOptions, context: Context): BisectQuestion {
  const { good, bad, scenario, versions, repository, part, failure, confidence, runs, ...rest } = options;
  const { resume: _, reports: __, json: ___, quiet: ____, ...overrides } = rest;
  if (good === undefined || bad === undefined || scenario === undefined) {
    throw new UsageError(
      '--good, --bad and --scenario say what is to be bisected',
      'give all three, or --resume DIRECTORY; see thaw bisect --help',
    );
  }
  if (versions !== undefined && repository !== undefined) {
    throw new UsageError('--versions does not go with --repository', 'leave one of them out');
  }
  const taken = part ?? 'toolchain';
  if (overrides[taken] !== undefined) {
    throw new UsageError(`--${taken} is what is bisected`, `leave out --${taken}`);
  }
  return {
    scenario,
    overrides,
    good,
    bad,
    versions: versions?.split(',') ?? null,
    repository: repository ?? null,
    part: part ?? null,
    failure: failure ?? null,
    confidence,
    runs,
    command: [...context.argv],
  };
}
