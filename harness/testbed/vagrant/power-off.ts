/** Takes the power from machines, without a word to the guests: whoever needs their disks has written them. */
import { EnvironmentError } from '../../errors.ts';
import { run } from '../../host/local.ts';
import type { HostName } from '../../model.ts';
import type { VagrantContext, VagrantTestbed } from './place.ts';

/** To power a machine off takes a second or two; what takes longer waits for a guest that does not answer. */
const HALT_LIMIT_MS = 60_000;
const VIRSH_LIMIT_MS = 30_000;

/** A machine that is not up is left as it is. */
export async function powerOff(
  { withEnvironment, enter, settings }: VagrantTestbed,
  { status, signal }: VagrantContext,
  names: readonly HostName[],
): Promise<void> {
  status('powering the machines off');
  if (settings.provider === 'libvirt' && (await byLibvirt(enter, names))) return;
  signal.throwIfAborted();
  const vagrant = withEnvironment({ THAW_VAGRANT_POWER_OFF: '1' });
  const onLine = (line: string): void => status(line.slice(0, 100));
  await vagrant.run(['halt', '--force', ...names], { timeoutMs: HALT_LIMIT_MS, onLine });
}

/**
 * Past Vagrant, which would wait for an address of a machine that has none, and then leave it running (vagrant-libvirt,
 * driver.rb: state). False where virsh is missing or does not say that all of them are off.
 */
async function byLibvirt(enter: readonly string[], names: readonly HostName[]): Promise<boolean> {
  for (const name of names) {
    const argv = [...enter, 'virsh', '--connect', 'qemu:///system', 'destroy', `thaw_${name}`];
    const ended = await run(argv, { timeoutMs: VIRSH_LIMIT_MS }).catch((error) => {
      if (error instanceof EnvironmentError) return null;
      throw error;
    });
    const isOff = ended?.status === 0 || /is not running|failed to get domain/.test(ended?.stderr ?? '');
    if (!isOff) return false;
  }
  return true;
}
