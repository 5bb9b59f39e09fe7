/** `thaw testbed`. */
import type { Command } from 'commander';
import { renderHosts } from '../report/hosts.ts';
import type { HostState, TestbedAction } from '../testbed/manage.ts';
import { type Context, printJson, progressOn, terminal } from './context.ts';

interface TestbedOptions {
  testbed: string;
  json?: boolean;
}

export function addTestbed(program: Command, context: Context): void {
  const testbed = program
    .command('testbed')
    .summary('bring machines up, look at them, enter them, put them away')
    .description('What stays between runs: virtual machines by Vagrant, or the machines of an inventory.')
    .addHelpText('after', EXAMPLES);
  const add = (words: string, summary: string): Command =>
    testbed
      .command(words)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .option('--testbed <t>', 'vagrant, or ssh:FILE with an inventory', 'vagrant')
      .option('--json', 'print the hosts on stdout');
  add('up', 'bring the machines up and provision them')
    .option('--fresh', 'go back to the state after provisioning')
    .action((options: TestbedOptions & { fresh?: boolean }) =>
      act(options.fresh ? 'fresh' : 'up', options, context),
    );
  add('status', 'tell which machines are up, and what they run').action((options: TestbedOptions) =>
    act('status', options, context),
  );
  add('down', 'halt the machines; their disks stay')
    .option('--destroy', 'remove their disks too')
    .action((options: TestbedOptions & { destroy?: boolean }) =>
      act(options.destroy ? 'destroy' : 'down', options, context),
    );
  testbed
    .command('shell')
    .summary('open a root shell on a machine')
    .description('Opens a root shell on a machine, with this terminal.')
    .argument('<host>', 'such as rhel01')
    .option('--testbed <t>', 'vagrant, netns, or ssh:FILE with an inventory', 'vagrant')
    .action(async (host: string, options: TestbedOptions) => {
      const progress = progressOn(context, context.err);
      const status = await context.actions.openShell(host, { ...options, progress, signal: context.signal });
      context.finish(status === 0 ? 0 : 1);
    });
}

const EXAMPLES = `
Examples:
  thaw testbed up                              two machines by Vagrant
  THAW_VAGRANT_BOX=rockylinux/9 thaw testbed up
  thaw testbed status --testbed ssh:lab.yaml
  thaw testbed shell rhel01
  sudo thaw testbed shell rhel01 --testbed netns   of a run that goes on
  thaw testbed up --fresh                      as they were after provisioning
  thaw testbed down --destroy

Exit code: 0 all machines are as they should be, 2 not.`;

async function act(action: TestbedAction, options: TestbedOptions, context: Context): Promise<void> {
  const progress = progressOn(context, context.err);
  const { testbed, json } = options;
  const hosts = await context.actions
    .manageTestbed(action, { testbed, progress, signal: context.signal })
    .finally(() => progress.end());
  if (json) printJson(context, hosts);
  else context.out.write(renderHosts(hosts, terminal(context, context.out)));
  context.finish(asWanted(action, hosts) ? 0 : 2);
}

function asWanted(action: TestbedAction, hosts: readonly HostState[]): boolean {
  if (action === 'down' || action === 'destroy') return hosts.length === 0;
  return hosts.length > 0 && hosts.every(({ up }) => up);
}
