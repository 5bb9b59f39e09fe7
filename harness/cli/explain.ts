/** `thaw explain`. */
import type { Command } from 'commander';
import { renderExplanations } from '../report/explanation.ts';
import { type Context, printJson, terminal } from './context.ts';

export function addExplain(program: Command, context: Context): void {
  program
    .command('explain')
    .summary("tell why a migration failed, from CRIU's logs")
    .description(
      "Looks for known failures in the logs of a run, of a directory, or of one file: CRIU's own or a runtime's.",
    )
    .argument('<path>', 'run directory, directory with logs, or log')
    .option('--json', 'print the diagnoses on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const explanations = await context.actions.explain(path);
      if (json) printJson(context, explanations);
      else context.out.write(renderExplanations(explanations, terminal(context, context.out)));
      context.finish(explanations.some(({ diagnosis }) => diagnosis === null) ? 2 : 0);
    });
}

const EXAMPLES = `
Examples:
  thaw explain reports/httpd/2026-01-31T12-00-00
  thaw explain /var/lib/images/dump.log
  thaw explain checkpoint/ --json | jq '.[].diagnosis.remedy'

Exit code: 0, whatever it found; 2 where nothing can be told (an empty log);
64 where there is no log.`;
