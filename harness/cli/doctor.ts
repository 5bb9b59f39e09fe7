/** `thaw doctor`. */
import type { Command } from 'commander';
import { verdictOf } from '../analysis/checks.ts';
import { messageOf, ThawError, UsageError } from '../errors.ts';
import type { CaptureKind, Finding, Scenario } from '../model.ts';
import { renderFindings } from '../report/findings.ts';
import { type Context, printJson, progressOn, shipped, terminal } from './context.ts';
import { captureOption } from './options.ts';

interface DoctorOptions {
  testbed?: string;
  capture?: CaptureKind[];
  acceptance?: boolean;
  json?: boolean;
}

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .summary('examine this machine or a testbed, and tell what to do')
    .description(
      'Examines this machine (root, capabilities, kernel, tools, disk, toolchain, leftovers), or the hosts of a testbed and whether a container can move between them.',
    )
    .argument('[scenario]', 'scenario file (YAML): also tell whether it can work there')
    .option('--testbed <t>', 'netns, vagrant, or ssh:FILE with an inventory')
    .addOption(captureOption('also whether that can be captured of a scenario'))
    .option('--acceptance', 'then run the shipped scenarios there, and tell which pass')
    .option('--json', 'print the findings on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (scenario: string | undefined, options: DoctorOptions) => {
      const { testbed: asked, capture } = options;
      const overrides = { ...(asked && { testbed: asked }), ...(capture && { capture }) };
      if (capture && scenario === undefined) throw new UsageError('--capture is of a scenario', 'name one');
      const loaded = scenario === undefined ? null : await context.actions.loadScenario(scenario, overrides);
      const testbed = options.testbed ?? (loaded === null ? null : testbedOf(loaded.scenario));
      const progress = progressOn(context, context.err);
      const { signal } = context;
      const findings = await context.actions
        .examine({ testbed, progress, signal })
        .finally(() => progress.end());
      if (loaded !== null && findings.every(({ state }) => state !== 'problem')) {
        const needs = context.actions.examineScenario({ loaded, progress, signal });
        findings.push(...(await needs.finally(() => progress.end())));
      }
      const fit = findings.every(({ state }) => state !== 'problem');
      if (options.acceptance && fit) findings.push(...(await acceptance(testbed, context)));
      if (options.json) printJson(context, findings);
      else context.out.write(renderFindings(findings, terminal(context, context.out)));
      context.finish(findings.some(({ state }) => state === 'problem') ? 2 : 0);
    });
}

/** As on the command line; null for namespaces. */
function testbedOf({ testbed }: Scenario): string | null {
  switch (testbed.kind) {
    case 'netns':
      return null;
    case 'vagrant':
      return 'vagrant';
    case 'ssh':
      return `ssh:${testbed.inventory}`;
  }
}

/** What is shipped to be run anywhere, from the simplest on. */
const SCENARIOS = ['classic', 'httpd', 'nginx-established'];

/** Each shipped scenario as a finding. A few requests a second, and no limits of time: any machine may be slow. */
async function acceptance(testbed: string | null, context: Context): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of SCENARIOS) {
    const progress = progressOn(context, context.err);
    const overrides = { ...(testbed !== null && { testbed }), rate: 5, count: 2, limits: false };
    const of = { id: 'acceptance', what: `run ${name}` } as const;
    const why = 'it is what this testbed is for';
    try {
      const loaded = await context.actions.loadScenario(shipped(name), overrides);
      const request = { loaded, reportsDirectory: 'reports', progress, signal: context.signal };
      const { record, directory } = await context.actions.runScenario(request);
      const verdict = verdictOf(record);
      const state = STATES[verdict];
      const next = state === 'ok' ? null : `thaw report ${directory}`;
      findings.push({ ...of, state, found: `${verdict}: ${directory}`, why, next });
    } catch (error) {
      context.signal.throwIfAborted();
      const next = (error instanceof ThawError && error.next) || null;
      findings.push({ ...of, state: 'problem', found: messageOf(error), why, next });
    } finally {
      progress.end();
    }
  }
  return findings;
}

const STATES = { pass: 'ok', unknown: 'warning', fail: 'problem' } as const;

const EXAMPLES = `
Examples:
  sudo thaw doctor
  sudo thaw doctor scenarios/post-copy.yaml
  sudo thaw doctor scenarios/httpd.yaml --capture packets strace
  thaw doctor --testbed ssh:lab.yaml
  thaw doctor --testbed vagrant --acceptance
  sudo thaw doctor --json | jq '.[] | select(.state == "problem")'

Exit code: 0 Thaw can run here, 2 it cannot.`;
