/** Two machines for all tests of the folder: brought up before the first, and destroyed after the last. */
import { execFileSync } from 'node:child_process';
import { start } from '../e2e/thaw.ts';

/** Emulated machines of our own box, as small as they serve; what the environment says goes first. */
const SETTINGS = {
  THAW_VAGRANT_BOX: 'thaw/debian-bookworm',
  // There are machines with a /dev/kvm that runs no ordinary guest.
  THAW_VAGRANT_DRIVER: 'qemu',
  THAW_VAGRANT_CPUS: '1',
  THAW_VAGRANT_MEMORY: '1024',
};
Object.assign(process.env, { ...SETTINGS, ...process.env });

/** Why no machine can be brought up here; null where it can. */
export function whyNoMachines(): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['vagrant', 'virsh', 'qemu-system-x86_64', 'qemu-img', 'mmdebstrap', 'cpio']) {
    try {
      execFileSync('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin command -v "$1"', 'sh', tool]);
    } catch {
      return `${tool} is not installed: sh scripts/setup.sh --all-tests`;
    }
  }
  return null;
}

export async function setup(): Promise<void> {
  if (whyNoMachines() !== null) return;
  const { status, stderr } = await start(['testbed', 'up']).ended;
  if (status === 0) return;
  await start(['testbed', 'down', '--destroy']).ended;
  throw new Error(`the machines did not come up:\n${stderr}`);
}

export async function teardown(): Promise<void> {
  if (whyNoMachines() !== null || process.env.THAW_KEEP_MACHINES === '1') return;
  const { status, stderr } = await start(['testbed', 'down', '--destroy']).ended;
  if (status !== 0) throw new Error(`the machines did not go away:\n${stderr}`);
}
