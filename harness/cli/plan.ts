/** `thaw plan`. */
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { renderPlan, toldPlan } from '../report/suite/plan.ts';
import { type ChoosingOptions, choose, choosingCells } from './choosing.ts';
import { type Context, printJson, terminal } from './context.ts';
import { wholeNumber } from './options.ts';

interface PlanOptions extends ChoosingOptions {
  shards?: number;
  json?: boolean;
}

export function addPlan(program: Command, context: Context): void {
  const command = program
    .command('plan')
    .summary('show the cells of a suite, and how long they may take')
    .description('Shows which cells of a suite would be run, in their order, and runs nothing.')
    .argument('<suite>', 'suite file (YAML)');
  choosingCells(command)
    .option('--shards <n>', 'also show n parts of about the same time', wholeNumber(1))
    .option('--json', 'print it as JSON: a matrix for a CI engine')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, { shards = 0, json = false, ...options }: PlanOptions) => {
      if (shards > 1_000) throw new UsageError(`--shards must be at most 1000, not ${shards}`);
      const { suite, cells } = await choose(path, options, context);
      const told = toldPlan(suite.plan, cells, shards);
      if (json) printJson(context, told);
      else context.out.write(renderPlan(told, terminal(context, context.out)));
    });
}

const EXAMPLES = `
Examples:
  thaw plan scenarios/suites/runtimes.yaml
  thaw plan runtimes.yaml --only httpd --repeat 3
  thaw plan runtimes.yaml --shards 4 --earlier last.json
  thaw plan runtimes.yaml --shards 4 --json | jq -c '[.shards[].shard]'`;
