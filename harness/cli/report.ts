/** `thaw report`. */
import type { Command } from 'commander';
import { verdictOf } from '../report/measurements.ts';
import type { AskedFor } from '../store/reports.ts';
import type { Context } from './context.ts';
import { EXIT_CODES, show } from './run.ts';

export function addReport(program: Command, context: Context): void {
  program
    .command('report')
    .summary('recompute and show the report of a run')
    .description(
      'Recomputes everything from the raw files of a run directory, and shows it. The same to the byte.\n' +
        'The page report.html in the run directory is made anew, too.',
    )
    .argument('<run>', 'run directory')
    .option('--json', 'print the record on stdout')
    .option('--html <file>', 'write the page there as well: one file, to be opened or sent')
    .option('--markdown <file>', 'write a summary there, with a picture (.svg) beside it')
    .addHelpText('after', EXAMPLES)
    .action(async (directory: string, { json = false, ...asked }: AskedFor & { json?: boolean }) => {
      const record = await context.actions.recomputeReport(directory, asked);
      show(record, { directory, json }, context);
      context.finish(EXIT_CODES[verdictOf(record)]);
    });
}

const EXAMPLES = `
Examples:
  thaw report reports/httpd/2026-01-31T12-00-00
  thaw report reports/httpd/2026-01-31T12-00-00 --json | jq .verdict
  thaw report reports/httpd/2026-01-31T12-00-00 --html httpd.html`;
