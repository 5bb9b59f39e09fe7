/** What a person does to a testbed between runs: bring it up, look at it, enter it, put it away; and examine it. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClock } from '../clock.ts';
import { type InterruptedError, messageOf, UsageError } from '../errors.ts';
import { COMMAND_ENV } from '../host/local.ts';
import { killTree } from '../host/process-tree.ts';
import { deferredTranscript } from '../host/transcript.ts';
import type { Finding, HostName, TestbedPlan } from '../model.ts';
import { cacheDirectory } from '../paths.ts';
import type { Progress } from '../report/progress.ts';
import { testbedNamed } from '../scenario/overrides.ts';
import { nearest } from '../scenario/parse.ts';
import { openScope } from '../scope.ts';
import type { Cleaned } from './clean.ts';
import { examineMachine } from './doctor.ts';
import { toolVersions } from './facts.ts';
import { shells } from './netns/lease.ts';
import { cleanHosts } from './remote/clean.ts';
import { connect } from './remote/connect.ts';
import { examineHosts } from './remote/doctor.ts';
import type { Machines } from './remote/ground.ts';
import { loadInventory } from './remote/inventory.ts';
import { shellArgv } from './remote/target.ts';
import { vagrantDown } from './vagrant/down.ts';
import type { VagrantContext } from './vagrant/place.ts';
import { knownMachines, vagrantMachines } from './vagrant/up.ts';

export type TestbedAction = 'up' | 'fresh' | 'status' | 'down' | 'destroy';

export interface HostState {
  name: HostName;
  /** Whether it could be reached. */
  up: boolean;
  /** Its tools, or why it was not reached. */
  found: string;
}

interface Setting {
  /** As on the command line: `vagrant` or `ssh:FILE`. */
  testbed: string;
  progress: Progress;
  signal: AbortSignal;
}

/** The hosts of Vagrant's two machines; a scenario names them in its path. */
const VAGRANT_HOSTS = ['rhel01', 'rhel02'];

/** Does it, and tells the state of every host afterwards; none where the machines do not exist. */
export async function manageTestbed(action: TestbedAction, setting: Setting): Promise<HostState[]> {
  const plan = requireLasting(testbedNamed(setting.testbed));
  const context = vagrantContext(setting);
  if (action === 'down' || action === 'destroy') {
    requireVagrant(plan);
    await vagrantDown(context, { destroy: action === 'destroy' });
    return [];
  }
  const known = action === 'fresh' ? null : await machinesNow(plan);
  const states = known === null ? [] : await statesOf(known);
  if (action === 'status' || (states.length > 0 && states.every(({ up }) => up))) return states;
  return statesOf(await machinesUp(plan, context, action === 'fresh'));
}

/** A shell on a host, with this terminal. The shell's exit status. */
export async function openShell(name: HostName, setting: Setting): Promise<number> {
  const plan = testbedNamed(setting.testbed);
  if (plan.kind === 'netns') return interactive(shellInNamespaces(name), setting.signal);
  const machines = await machinesNow(plan);
  const machine = machines?.inventory.hosts.get(name);
  if (machines === null || machine === undefined) {
    const known = machines === null ? VAGRANT_HOSTS : [...machines.inventory.hosts.keys()];
    throw new UsageError(
      machines === null ? 'the machines are not up' : `there is no host ${name}${nearest(name, known)}`,
      machines === null ? 'thaw testbed up' : `thaw testbed status shows ${known.join(' and ')}`,
    );
  }
  const directory = await mkdtemp(join(tmpdir(), 'thaw-shell-'));
  try {
    const argv = await shellArgv(name, machine, machines.enter, async (lines) => {
      const path = join(directory, 'known_hosts');
      await writeFile(path, lines, { mode: 0o600 });
      return path;
    });
    return await interactive(argv, setting.signal);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const HANG_UP_MS = 1_000;

/** With this terminal. → exit status. Ctrl-C is the shell's own; where Thaw is to end, so is what it has started. */
async function interactive([file = '', ...args]: readonly string[], signal: AbortSignal): Promise<number> {
  const env = { HOME: homedir(), TERM: process.env.TERM ?? 'dumb', ...COMMAND_ENV };
  const child = spawn(file, args, { stdio: 'inherit', env });
  const end = (with_: NodeJS.Signals): void => {
    if (child.pid !== undefined) killTree(child.pid, with_);
  };
  let late: NodeJS.Timeout | undefined;
  const hangUp = (): void => {
    if ((signal.reason as InterruptedError).exitCode === 130) return;
    end('SIGHUP');
    late = setTimeout(() => end('SIGKILL'), HANG_UP_MS);
  };
  signal.addEventListener('abort', hangUp, { once: true });
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
  clearTimeout(late);
  if (late !== undefined) throw signal.reason;
  return status;
}

/** On the host of the one run that goes on; `HOST@ID` where there are several. */
function shellInNamespaces(name: string): string[] {
  const all = shells();
  const found = all.filter(({ host, id }) => name === host || name === `${host}@${id}`);
  if (found.length === 1) return (found[0] as (typeof found)[number]).argv;
  const known = all.map(({ host, id }) => (found.length > 1 ? `${host}@${id}` : host));
  if (known.length === 0) {
    throw new UsageError(
      'no run goes on: namespace hosts live only as long as theirs',
      'thaw run SCENARIO --keep stops at a failure, with its hosts in place',
    );
  }
  throw new UsageError(
    found.length > 1 ? `several runs have a host ${name}` : `there is no host ${name}${nearest(name, known)}`,
    `name one of ${known.join(', ')}`,
  );
}

/** Findings about this machine, or about the hosts of a testbed, which are brought up for it. */
export async function examine(
  setting: Omit<Setting, 'testbed'> & { testbed: string | null },
): Promise<Finding[]> {
  const { testbed } = setting;
  const context = vagrantContext(setting);
  const plan = testbed === null ? null : testbedNamed(testbed);
  if (plan === null || plan.kind === 'netns') {
    return examineMachine({ ...context, transcript: deferredTranscript() });
  }
  const machines = await machinesUp(plan, context, false);
  return examineHosts(machines, { clock: startClock(), transcript: deferredTranscript() });
}

/** Removes what runs keep on the hosts of a testbed that stays. */
export async function cleanTestbed(testbed: string, { dryRun }: { dryRun: boolean }): Promise<Cleaned> {
  const machines = await machinesNow(requireLasting(testbedNamed(testbed)));
  if (machines === null) throw new UsageError('the machines are not up', 'thaw testbed up');
  return cleanHosts(machines, { dryRun, clock: startClock(), transcript: deferredTranscript() });
}

function vagrantContext({ progress, signal }: Pick<Setting, 'progress' | 'signal'>): VagrantContext {
  return {
    cache: cacheDirectory(),
    signal,
    announce: (line) => progress.line(line),
    status: (text) => progress.status(text),
  };
}

type Lasting = Exclude<TestbedPlan, { kind: 'netns' }>;

function requireLasting(plan: TestbedPlan): Lasting {
  if (plan.kind !== 'netns') return plan;
  throw new UsageError(
    'the namespace testbed lives only as long as a run',
    'name a testbed that stays: --testbed vagrant, or ssh:FILE with an inventory',
  );
}

function requireVagrant(plan: Lasting): void {
  if (plan.kind === 'vagrant') return;
  throw new UsageError(
    'the machines of an inventory are not ours to put away',
    'a run leaves nothing of itself on them; `thaw testbed status` shows them',
  );
}

async function machinesUp(plan: Lasting, context: VagrantContext, fresh: boolean): Promise<Machines> {
  if (plan.kind === 'vagrant') return vagrantMachines(VAGRANT_HOSTS, context, { fresh });
  return { inventory: await loadInventory(plan.inventory), enter: [] };
}

/** As they are known, without touching them; null where there are none. */
async function machinesNow(plan: Lasting): Promise<Machines | null> {
  if (plan.kind === 'vagrant') return knownMachines(cacheDirectory());
  return { inventory: await loadInventory(plan.inventory), enter: [] };
}

async function statesOf({ inventory, enter }: Machines): Promise<HostState[]> {
  const scope = openScope();
  const context = { clock: startClock(), transcript: deferredTranscript(), scope };
  try {
    const asked = [...inventory.hosts].map(async ([name, machine]): Promise<HostState> => {
      try {
        const { host } = await connect(name, machine, enter, context);
        const { runc, criu } = await toolVersions(host);
        return { name, up: true, found: `runc ${runc}, CRIU ${criu}` };
      } catch (error) {
        return { name, up: false, found: messageOf(error) };
      }
    });
    return await Promise.all(asked);
  } finally {
    await scope.close();
  }
}
