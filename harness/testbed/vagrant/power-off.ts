/** Takes the power from machines: by Vagrant, and past it where it waits for a guest or leaves one out. */
import { EnvironmentError, messageOf } from '../../errors.ts';
import { run } from '../../host/local.ts';
import type { HostName } from '../../model.ts';
import type { VagrantContext, VagrantTestbed } from './place.ts';

/** To power a machine off takes a second or two; what takes longer waits for a guest that does not answer. */
const HALT_LIMIT_MS = 60_000;
const VIRSH_LIMIT_MS = 30_000;

/** A machine that is not up is left as it is. */
export async function powerOff(
  { withEnvironment, enter, settings }: VagrantTestbed,
  { announce, status, signal }: VagrantContext,
  names: readonly HostName[],
): Promise<void> {
  const isLibvirt = settings.provider === 'libvirt';
  try {
    // Power goes without a word to the guest; whoever needs its disks has written them.
    const vagrant = withEnvironment({ THAW_VAGRANT_POWER_OFF: '1' });
    const onLine = (line: string): void => status(line.slice(0, 100));
    await vagrant.run(['halt', '--force', ...names], { timeoutMs: HALT_LIMIT_MS, onLine });
  } catch (error) {
    if (!(error instanceof EnvironmentError) || signal.aborted || !isLibvirt) throw error;
    announce(`powering the machines off: ${messageOf(error).split('\n')[0]}`);
  }
  if (!isLibvirt) return;
  // A machine without an address is not running, to vagrant-libvirt, and was left out (driver.rb, state).
  for (const name of names) {
    const argv = [...enter, 'virsh', '--connect', 'qemu:///system', 'destroy', `thaw_${name}`];
    await run(argv, { timeoutMs: VIRSH_LIMIT_MS });
  }
}
