/** `thaw doctor`. */
import type { Command } from 'commander';
import { renderFindings } from '../report/findings.ts';
import { type Context, printJson, progressOn, terminal } from './context.ts';

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .summary('examine this machine, and tell what to do')
    .description('Examines this machine: root, capabilities, kernel, tools, disk, toolchain, leftovers.')
    .option('--json', 'print the findings on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json?: boolean }) => {
      const progress = progressOn(context, context.err);
      const { signal } = context;
      const findings = await context.actions
        .examineMachine({ progress, signal })
        .finally(() => progress.end());
      if (options.json) printJson(context, findings);
      else context.out.write(renderFindings(findings, terminal(context, context.out)));
      context.finish(findings.some(({ state }) => state === 'problem') ? 2 : 0);
    });
}

const EXAMPLES = `
Examples:
  sudo thaw doctor
  sudo thaw doctor --json | jq '.[] | select(.state == "problem")'

Exit code: 0 Thaw can run here, 2 it cannot.`;
