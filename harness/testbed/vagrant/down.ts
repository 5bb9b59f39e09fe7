/** Ends the machines: powered off, or destroyed with their disks. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startClock } from '../../clock.ts';
import { deferredTranscript } from '../../host/transcript.ts';
import { openScope } from '../../scope.ts';
import { connect } from '../remote/connect.ts';
import { leavePlace, openVagrant, type VagrantContext } from './place.ts';
import { powerOff } from './power-off.ts';
import { inventoryFile, knownMachines } from './up.ts';

const DESTROY_LIMIT_MS = 5 * 60_000;
/** Every machine that the Vagrantfile may know. */
const ALL = ['rhel01', 'rhel02', 'client'];
const WRITE_LIMIT_MS = 20_000;
const REACH_LIMIT_MS = 5_000;

/** What is not there is no error. */
export async function vagrantDown(context: VagrantContext, { destroy }: { destroy: boolean }): Promise<void> {
  const testbed = await openVagrant(context);
  if (destroy) {
    const onLine = (line: string): void => context.status(line.slice(0, 100));
    await testbed.vagrant.run(['destroy', '--force'], { timeoutMs: DESTROY_LIMIT_MS, onLine });
    // Machines that are made anew have keys of their own.
    await forgetKeys(testbed.state);
  } else {
    await writeDisks(context);
    await powerOff(testbed, context, ALL);
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

async function forgetKeys(state: string): Promise<void> {
  const pins = (await readdir(state)).filter((name) => /^host-key-.*\.pub$/.test(name));
  await Promise.all(pins.map((name) => rm(join(state, name), { force: true })));
}
