/** `thaw clean`. */
import type { Command } from 'commander';
import { renderCleaned } from '../report/findings.ts';
import { type Context, printJson, terminal } from './context.ts';
import { requireLinux, requireRoot } from './require.ts';

export function addClean(program: Command, context: Context): void {
  program
    .command('clean')
    .summary('remove what killed runs left behind')
    .description('Removes what killed runs left behind on this machine. Runs that still run are left alone.')
    .option('--testbed <t>', 'on the hosts of vagrant or of ssh:FILE, copies of toolchains too')
    .option('--dry-run', 'only tell what would be removed')
    .option('--json', 'print what was removed and what was left on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { testbed?: string; dryRun?: boolean; json?: boolean }) => {
      const { testbed, dryRun = false } = options;
      if (testbed === undefined) {
        requireLinux(context);
        if (!dryRun) requireRoot(context);
      }
      const { cleanUp, cleanTestbed } = context.actions;
      const cleaned = await (testbed === undefined ? cleanUp({ dryRun }) : cleanTestbed(testbed, { dryRun }));
      if (options.json) printJson(context, cleaned);
      else context.out.write(renderCleaned(cleaned, { ...terminal(context, context.out), dryRun }));
      context.finish(cleaned.left.length > 0 ? 2 : 0);
    });
}

const EXAMPLES = `
Examples:
  sudo thaw clean --dry-run
  sudo thaw clean
  thaw clean --testbed ssh:lab.yaml

Exit code: 0 nothing is left, 2 something could not be removed.`;
