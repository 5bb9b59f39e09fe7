/** Ends the machines: powered off, or destroyed with their disks. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startClock } from '../../clock.ts';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { run } from '../../host/local.ts';
import { deferredTranscript } from '../../host/transcript.ts';
import { openScope } from '../../scope.ts';
import { connect } from '../remote/connect.ts';
import { leavePlace, openVagrant, type VagrantContext, type VagrantTestbed } from './place.ts';
import { inventoryFile, knownMachines } from './up.ts';

const DESTROY_LIMIT_MS = 5 * 60_000;
/** To power a machine off takes a second or two; what takes longer waits for a guest that does not answer. */
const HALT_LIMIT_MS = 60_000;
const WRITE_LIMIT_MS = 20_000;
const REACH_LIMIT_MS = 5_000;

/** What is not there is no error. */
export async function vagrantDown(context: VagrantContext, { destroy }: { destroy: boolean }): Promise<void> {
  const testbed = await openVagrant(context);
  const onLine = (line: string): void => context.status(line.slice(0, 100));
  if (destroy) {
    await testbed.vagrant.run(['destroy', '--force'], { timeoutMs: DESTROY_LIMIT_MS, onLine });
    // Machines that are made anew have keys of their own.
    await forgetKeys(testbed.state);
  } else {
    await writeDisks(context);
    await powerOff(testbed, context, onLine);
  }
  await rm(inventoryFile(testbed.state), { force: true });
  await leavePlace(testbed);
}

/** A machine that is powered off loses what it has not written; one that does not answer in time is no reason to wait. */
async function writeDisks({ cache, status }: VagrantContext): Promise<void> {
  const machines = await knownMachines(cache);
  if (machines === null) return;
  status('writing the disks of the machines');
  const scope = openScope();
  const context = { clock: startClock(), transcript: deferredTranscript(), scope };
  try {
    const written = [...machines.inventory.hosts].map(async ([name, machine]) => {
      const { host } = await connect(name, machine, machines.enter, context, REACH_LIMIT_MS);
      await host.exec(['sync'], { timeoutMs: WRITE_LIMIT_MS, allowFailure: true });
    });
    await Promise.allSettled(written);
  } finally {
    await scope.close();
  }
}

/** By Vagrant, and past it where it waits for a guest: nothing of ours is left running when `down` was asked. */
async function powerOff(
  { withEnvironment, enter, settings }: VagrantTestbed,
  { announce, signal }: VagrantContext,
  onLine: (line: string) => void,
): Promise<void> {
  try {
    // Power goes without a word to the guest; its disks have just been written.
    const vagrant = withEnvironment({ THAW_VAGRANT_POWER_OFF: '1' });
    await vagrant.run(['halt', '--force'], { timeoutMs: HALT_LIMIT_MS, onLine });
  } catch (error) {
    if (!(error instanceof EnvironmentError) || signal.aborted || settings.provider !== 'libvirt')
      throw error;
    announce(`powering the machines off: ${messageOf(error).split('\n')[0]}`);
    // A libvirt of ours ends with its machines.
    if (enter.length > 0) return;
    for (const name of ['rhel01', 'rhel02', 'client']) {
      await run(['virsh', '--connect', 'qemu:///system', 'destroy', `thaw_${name}`], { timeoutMs: 30_000 });
    }
  }
}

async function forgetKeys(state: string): Promise<void> {
  const pins = (await readdir(state)).filter((name) => /^host-key-.*\.pub$/.test(name));
  await Promise.all(pins.map((name) => rm(join(state, name), { force: true })));
}
