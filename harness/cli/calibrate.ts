/** `thaw calibrate`. */
import { type Command, InvalidArgumentError } from 'commander';
import { renderCalibration } from '../report/calibration.ts';
import { noProgress } from '../report/progress.ts';
import type { Overrides } from '../scenario/overrides.ts';
import { type Context, near, printJson, progressOn, shipped, terminal } from './context.ts';
import { wholeNumber } from './options.ts';
import { requireFor } from './require.ts';
import { EXIT_CODES } from './run.ts';

interface CalibrateOptions extends Overrides {
  lengths: number[];
  repeat: number;
  reports: string;
  json?: boolean;
  quiet?: boolean;
}

export function addCalibrate(program: Command, context: Context): void {
  program
    .command('calibrate')
    .summary('measure the instruments themselves, by outages of known length')
    .description(
      'Stops or freezes a server, refuses or drops its packets, or takes its address away, for known times, and\n' +
        'tells how far off the probe, the heartbeat and the watch over the freezer are.',
    )
    .argument('[scenario]', 'scenario file (YAML); by default the one that is shipped for it')
    .option('--lengths <ms>', 'lengths of the outages in ms', lengths, [20, 100, 500, 2_000])
    .option('--repeat <n>', 'outages of each kind, connection and length', wholeNumber(1), 5)
    .option('--testbed <t>', 'netns, vagrant, or ssh:FILE with an inventory')
    .option('--rate <n>', 'requests a second of the probe', wholeNumber(1))
    .option('--seed <n>', 'seed of the order', wholeNumber(0))
    .option('--reports <dir>', 'where its directory is made', 'reports')
    .option('--json', 'print the result on stdout; progress goes to stderr')
    .option('--quiet', 'no progress, only the result')
    .addHelpText('after', EXAMPLES)
    .action((scenario: string | undefined, options: CalibrateOptions) =>
      calibrate(scenario, options, context),
    );
}

const EXAMPLES = `
Examples:
  sudo thaw calibrate
  sudo thaw calibrate --rate 1000 --lengths 20,100 --repeat 20
  sudo thaw calibrate --json | jq '.rows[] | [.kind, .errorMs]'`;

async function calibrate(
  path: string | undefined,
  options: CalibrateOptions,
  context: Context,
): Promise<void> {
  const { lengths: lengthsMs, repeat: repeats, reports, json, quiet, ...overrides } = options;
  const loaded = await context.actions.loadScenario(path ?? shipped('calibrate'), overrides);
  requireFor(loaded.scenario, context);
  const progress = quiet ? noProgress() : progressOn(context, json ? context.err : context.out);
  const request = { loaded, lengthsMs, repeats, reportsDirectory: reports, progress, signal: context.signal };
  const { calibration, directory } = await context.actions.calibrate(request).finally(() => progress.end());
  if (json) printJson(context, calibration);
  else {
    const style = { ...terminal(context, context.out), directory: near(directory) };
    context.out.write(renderCalibration(calibration, style));
  }
  context.finish(EXIT_CODES[calibration.verdict]);
}

/** `20,100,500` → milliseconds. */
function lengths(text: string): number[] {
  const all = text.split(',').map(Number);
  if (!/^\d{1,6}(,\d{1,6}){0,19}$/.test(text) || all.some((ms) => ms < 1 || ms > 60_000)) {
    throw new InvalidArgumentError('It must be lengths in ms from 1 to 60000, such as 20,100,500.');
  }
  return all;
}
