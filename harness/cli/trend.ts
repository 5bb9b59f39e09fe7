/** `thaw trend`. */
import { type Command, Option } from 'commander';
import type { Trend } from '../analysis/trend/model.ts';
import { trendCsv } from '../report/formats/trend-csv.ts';
import { renderTrend } from '../report/trend/summary.ts';
import { type Context, printJson, terminal, writeReports } from './context.ts';
import { percentage, probability } from './options.ts';

interface TrendOptions extends Partial<Record<keyof typeof FORMATS, string>> {
  add?: string[];
  scenario?: string;
  measurement?: string[];
  threshold: number;
  alpha: number;
  gate?: boolean;
  json?: boolean;
}

/** Each by the option that names its file. */
const FORMATS: Record<'csv', (trend: Trend) => string> = { csv: trendCsv };

export function addTrend(program: Command, context: Context): void {
  program
    .command('trend')
    .summary('tell how the runs of a history went over time')
    .description(
      'Shows each measurement of each scenario over time, and where it changed.\n' +
        'A history is a file to which `thaw run --history FILE` adds a line for each run.',
    )
    .argument('<file>', 'the history')
    .option('--add <run...>', 'first add these run directories or record files')
    .option('--scenario <name>', 'only this scenario')
    .option('--measurement <name...>', 'what to look at, instead of the headline; all: everything')
    .option('--gate', 'end with 1 where the newest change of something made it worse')
    .addOption(
      new Option('--threshold <percent>', 'the least change that counts')
        .argParser(percentage)
        .default(0.05, '5%'),
    )
    .option('--alpha <p>', 'how often to find a change where there is none', probability, 0.05)
    .option('--json', 'print the trend on stdout')
    .option('--csv <file>', 'also write it as CSV, one row a run and measurement')
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: TrendOptions) => showTrend(file, options, context));
}

const EXAMPLES = `
Examples:
  sudo thaw run scenarios/httpd.yaml --count 30 --history history.ndjson
  thaw trend history.ndjson
  thaw trend history.ndjson --add reports/httpd/*
  thaw trend history.ndjson --scenario httpd --gate --threshold 10%
  thaw trend history.ndjson --measurement frozen-window memdump_time
  thaw trend history.ndjson --json | jq .verdict

Exit codes:
  0  whatever was found; with --gate: nothing got worse
  1  with --gate: the newest change of a measurement is for the worse, and
     larger than the threshold
  64 the file is no history, or a run to be added is none`;

async function showTrend(file: string, options: TrendOptions, context: Context): Promise<void> {
  const { add, scenario = null, measurement = null, threshold, alpha, gate = false, json = false } = options;
  if (add !== undefined) {
    const { added, there } = await context.actions.addToHistory(file, add);
    context.err.write(`added ${added} to the history, ${there} already there\n`);
  }
  const wanted = { scenario, measurements: measurement, threshold, alpha };
  const trend = await context.actions.trendOf(file, wanted);
  await writeReports(trend, FORMATS, options, context);
  if (json) printJson(context, trend);
  else context.out.write(renderTrend(trend, terminal(context, context.out)));
  context.finish(gate && trend.verdict === 'regressed' ? 1 : 0);
}
