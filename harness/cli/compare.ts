/** `thaw compare`. */
import { type Command, Option } from 'commander';
import type { Comparison, ComparisonVerdict } from '../analysis/compare/comparison.ts';
import type { CompareRequest } from '../compare.ts';
import { counted } from '../counted.ts';
import { type ExitCode, UsageError } from '../errors.ts';
import { renderComparison } from '../report/comparison/summary.ts';
import { comparisonCsv } from '../report/formats/comparison-csv.ts';
import { comparisonJunit } from '../report/formats/comparison-junit.ts';
import { comparisonMarkdown } from '../report/formats/comparison-markdown.ts';
import { type Context, near, printJson, terminal, writeReports } from './context.ts';
import { percentage, probability, wholeNumber } from './options.ts';

interface CompareOptions extends Partial<Record<keyof typeof FORMATS, string>> {
  with?: string[];
  baseline?: string;
  saveBaseline?: string;
  threshold: number;
  alpha: number;
  measurement?: string[];
  seed: number;
  html?: string;
  allowDifferences?: boolean;
  json?: boolean;
}

const EXIT_CODES: Record<ComparisonVerdict, ExitCode> = {
  improved: 0,
  'no difference shown': 0,
  regressed: 1,
  unknown: 2,
};

/** Each by the option that names its file. */
const FORMATS: Record<'junit' | 'csv' | 'markdown', (comparison: Comparison) => string> = {
  junit: comparisonJunit,
  csv: comparisonCsv,
  markdown: comparisonMarkdown,
};

export function addCompare(program: Command, context: Context): void {
  program
    .command('compare')
    .summary('tell whether runs of a candidate are slower than those of a base')
    .description(
      'Compares runs, scenario by scenario. A difference is called where it is significant and large enough.',
    )
    .argument('<run...>', 'run directories or record files: a base and a candidate, or bases and --with')
    .option('--with <run...>', 'the candidate, where a side has several runs')
    .option('--baseline <file>', 'the base, as --save-baseline kept it; all runs are the candidate')
    .option('--save-baseline <file>', 'keep the runs as a baseline, and compare nothing')
    .addOption(threshold())
    .option('--alpha <p>', 'how often to call a difference where there is none', probability, 0.05)
    .option('--measurement <name...>', 'what to compare, instead of the headline; all: everything')
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber(0), 1)
    .option('--allow-differences', 'compare runs of different environments, and flag it')
    .option('--json', 'print the comparison on stdout')
    .option('--html <file>', 'also write it as a page: one file, to be opened or sent')
    .option('--junit <file>', 'also write it as JUnit XML')
    .option('--csv <file>', 'also write it as CSV, one row a measurement')
    .option('--markdown <file>', 'also write it as a Markdown table')
    .addHelpText('after', EXAMPLES)
    .action((runs: string[], options: CompareOptions) => compare(runs, options, context));
}

function threshold(): Option {
  return new Option('--threshold <percent>', 'the least change that counts')
    .argParser(percentage)
    .default(0.05, '5%');
}

const EXAMPLES = `
Examples:
  thaw compare reports/httpd/BASE reports/httpd/CANDIDATE
  thaw compare base/*/* --with candidate/*/* --threshold 10%
  thaw compare --save-baseline base.json reports/httpd/*
  thaw compare --baseline base.json reports/httpd/CANDIDATE
  thaw compare BASE CANDIDATE --measurement frozen-window memdump_time
  thaw compare BASE CANDIDATE --json | jq .verdict
  thaw compare BASE CANDIDATE --html comparison.html
  thaw compare BASE CANDIDATE --markdown "$GITHUB_STEP_SUMMARY" --junit c.xml

Exit codes:
  0  improved, or no difference shown
  1  regressed: significant, and by more than the threshold
  2  unknown: too few migrations (it says how many are needed)
  64 the runs cannot be compared: their environments differ, or one is no run`;

async function compare(runs: string[], options: CompareOptions, context: Context): Promise<void> {
  if (options.saveBaseline !== undefined) return save(options.saveBaseline, runs, options, context);
  const comparison = await context.actions.compareRuns({
    ...sidesOf(runs, options),
    options: {
      alpha: options.alpha,
      threshold: options.threshold,
      seed: options.seed,
      measurements: options.measurement ?? null,
      allowDifferences: options.allowDifferences ?? false,
    },
    html: options.html,
  });
  await writeReports(comparison, FORMATS, options, context);
  showComparison(comparison, options.json ?? false, context);
}

/** The comparison or its summary, on stdout; the command ends like it. */
export function showComparison(comparison: Comparison, json: boolean, context: Context): void {
  if (json) printJson(context, comparison);
  else context.out.write(renderComparison(comparison, terminal(context, context.out)));
  context.finish(EXIT_CODES[comparison.verdict]);
}

async function save(
  file: string,
  runs: string[],
  { baseline, with: candidate }: CompareOptions,
  context: Context,
): Promise<void> {
  if (baseline !== undefined || candidate !== undefined) {
    throw new UsageError('--save-baseline compares nothing', 'leave out --baseline and --with');
  }
  const migrations = await context.actions.keepBaseline(file, runs);
  const many = runs.length === 1 ? '1 run' : `${runs.length} runs`;
  context.out.write(`${many} with ${counted(migrations, 'measured migration')} kept in ${near(file)}\n`);
  context.out.write(`next: thaw compare --baseline ${near(file)} CANDIDATE\n`);
}

function sidesOf(
  runs: string[],
  { with: candidate, baseline }: CompareOptions,
): Pick<CompareRequest, 'base' | 'candidate'> {
  if (baseline !== undefined) {
    if (candidate === undefined) return { base: { baseline }, candidate: runs };
    throw new UsageError('--with does not go with --baseline', 'name the candidate only');
  }
  if (candidate !== undefined) return { base: runs, candidate };
  const [base, other, ...more] = runs;
  if (base !== undefined && other !== undefined && more.length === 0) {
    return { base: [base], candidate: [other] };
  }
  throw new UsageError(
    `which of ${runs.length === 1 ? 'two runs' : `the ${runs.length} runs`} is the candidate is not said`,
    'thaw compare BASE CANDIDATE, or thaw compare BASE… --with CANDIDATE…, or --baseline FILE CANDIDATE…',
  );
}
