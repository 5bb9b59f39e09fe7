/** `thaw report`. */
import type { Command } from 'commander';
import { verdictOf } from '../analysis/checks.ts';
import { UsageError } from '../errors.ts';
import type { RunRecord } from '../model.ts';
import { benchmarkJson } from '../report/formats/benchmark.ts';
import { bmfJson } from '../report/formats/bmf.ts';
import { hyperfineJson } from '../report/formats/hyperfine.ts';
import { prometheusText } from '../report/formats/prometheus.ts';
import { runCsv } from '../report/formats/run-csv.ts';
import { runCtrf } from '../report/formats/run-ctrf.ts';
import { runJunit } from '../report/formats/run-junit.ts';
import { renderIndexed } from '../report/indexed.ts';
import type { AskedFor } from '../store/reports.ts';
import { type Context, near, printJson, terminal, writeReports } from './context.ts';
import { EXIT_CODES, show } from './run.ts';
import { showSuite } from './suite.ts';
import { showSweep } from './sweep.ts';

type Format = 'junit' | 'ctrf' | 'csv' | 'benchmark' | 'bmf' | 'hyperfine' | 'prometheus';

/** Each by the option that names its file. */
const FORMATS: Record<Format, (record: RunRecord) => string> = {
  junit: runJunit,
  ctrf: runCtrf,
  csv: runCsv,
  benchmark: benchmarkJson,
  bmf: bmfJson,
  hyperfine: hyperfineJson,
  prometheus: prometheusText,
};

type ReportOptions = AskedFor & { json?: boolean; index?: string | true } & Partial<Record<Format, string>>;

export function addReport(program: Command, context: Context): void {
  program
    .command('report')
    .summary('recompute and show the report of a run')
    .description(
      'Recomputes everything from the raw files of a run directory, and shows it. The same to the byte.\n' +
        'The page report.html in the run directory is made anew, too.',
    )
    .argument('[run]', 'run directory, or that of a sweep or a suite')
    .option('--index [directory]', 'make a page over all runs of a folder of reports')
    .option('--json', 'print the record on stdout')
    .option('--html <file>', 'write the page there as well: one file, to be opened or sent')
    .option('--markdown <file>', 'write a summary there, with a picture (.svg) beside it')
    .option('--junit <file>', 'also write it as JUnit XML, one case a check')
    .option('--ctrf <file>', 'also write it as CTRF, one test a check or a migration')
    .option('--csv <file>', 'also write it as CSV, one row a migration')
    .option('--benchmark <file>', 'also write its medians for github-action-benchmark')
    .option('--bmf <file>', 'also write its medians with their intervals for Bencher')
    .option('--hyperfine <file>', 'also write its times as hyperfine --export-json does')
    .option('--prometheus <file>', "also write it for node_exporter's textfile collector")
    .option('--trace <file>', 'also write it as trace events, for Perfetto or chrome://tracing')
    .addHelpText('after', EXAMPLES)
    .action(async (run: string | undefined, options: ReportOptions) => {
      const { json = false, html, markdown, trace, index } = options;
      if (index !== undefined) {
        await showIndex(index === true ? 'reports' : index, run, options, context);
        return;
      }
      const directory = required(run);
      const suite = await context.actions.recomputeSuite(directory, html);
      if (suite !== null) {
        const { junit: _, markdown: __, html: ___, ...others } = options;
        refuseFormats(directory, others, 'suite');
        await showSuite(suite, { where: near(directory), ...attachedFrom(directory), ...options }, context);
        return;
      }
      const sweep = await context.actions.recomputeSweep(directory, html);
      if (sweep !== null) {
        const { html: _, markdown: __, ...others } = options;
        refuseFormats(directory, others, 'sweep');
        await showSweep(sweep, { directory, markdown, json }, context);
        return;
      }
      const alive = await context.actions.signOfLife(directory);
      const record = await context.actions.recomputeReport(directory, { html, markdown, trace });
      if (alive !== null) {
        context.err.write(
          `this run still goes on (process ${alive.pid}, migration ${alive.migration} at ${alive.at}): ` +
            'what follows is of what is on disk\n',
        );
      }
      const formats = { ...FORMATS, junit: (found: RunRecord) => runJunit(found, near(directory)) };
      await writeReports<RunRecord, Format>(record, formats, options, context);
      show(record, { directory, json }, context);
      context.finish(EXIT_CODES[verdictOf(record)]);
    });
}

/** Files beside a case are named from where its suite lies; the result of one by itself has none. */
function attachedFrom(path: string): { directory?: string } {
  return path.endsWith('.json') ? {} : { directory: near(path) };
}

function required(run: string | undefined): string {
  if (run !== undefined) return run;
  throw new UsageError(
    'of which run is not said',
    'name its directory, or say --index for all runs of a folder',
  );
}

/** What was left out is told, but it is no failure of the index. */
async function showIndex(
  folder: string,
  run: string | undefined,
  { index: _, json = false, ...others }: ReportOptions,
  context: Context,
): Promise<void> {
  const given = run ?? Object.keys(others).map((name) => `--${name}`)[0];
  if (given !== undefined) {
    throw new UsageError(`--index takes a folder and no ${given}`, `thaw report --index ${folder}`);
  }
  const found = await context.actions.indexRuns(folder);
  if (json) printJson(context, found);
  else context.out.write(renderIndexed({ ...found, file: near(found.file) }, terminal(context, context.out)));
  context.finish(0);
}

/** Of many runs there is a summary and JSON, and of a suite some more; its runs have the rest. */
function refuseFormats(directory: string, { json: _, ...formats }: ReportOptions, what: string): void {
  const [given] = Object.keys(formats);
  if (given === undefined) return;
  throw new UsageError(
    `--${given} is for one run, and ${directory} is a ${what}`,
    `use it on a run below ${directory}`,
  );
}

const EXAMPLES = `
Examples:
  thaw report reports/httpd/2026-01-31T12-00-00
  thaw report reports/httpd/2026-01-31T12-00-00 --json | jq .verdict
  thaw report reports/httpd/2026-01-31T12-00-00 --html httpd.html
  thaw report reports/httpd/2026-01-31T12-00-00 --junit junit.xml --csv run.csv
  thaw report reports/httpd/2026-01-31T12-00-00 --prometheus httpd.prom
  thaw report reports/httpd/2026-01-31T12-00-00 --trace trace.json
  thaw report --index reports`;
