/** Our own Debian boxes: built when they are wanted for the first time, and added to Vagrant under a name of their own. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mustRun, run } from '../../host/local.ts';
import type { HostName } from '../../model.ts';
import type { VagrantContext, VagrantTestbed } from './place.ts';
import { PROJECT } from './settings.ts';

const OWN_BOX = /^thaw\/debian-(bookworm|trixie)$/;
const BUILD_LIMIT_MS = 15 * 60_000;
const COMMAND_LIMIT_MS = 5 * 60_000;

/**
 * The name of the box to make machines of. That of an own box ends with what it was built from: machines of an older
 * one stay what they are, and new ones never start from its image.
 */
export async function ensureBox(testbed: VagrantTestbed, context: VagrantContext): Promise<string> {
  const { box } = testbed.settings;
  const directory = await ownBox(testbed, context);
  if (directory === null) return box;
  const name = `${box}-${basename(directory).split('-').at(-1)}`;
  const { vagrant } = testbed;
  const known = await vagrant.run(['box', 'list'], { timeoutMs: COMMAND_LIMIT_MS });
  if (known.some(({ type, data }) => type === 'box-name' && data[0] === name)) return name;
  context.announce(`adding the box ${name} to Vagrant`);
  const file = join(directory, 'thaw.box');
  await vagrant.run(['box', 'add', '--force', '--name', name, file], { timeoutMs: COMMAND_LIMIT_MS });
  return name;
}

/**
 * A machine's public host key: baked into our own box; of any other box, as it was when the machine was first met. It
 * is pinned in the state until the machine is destroyed.
 */
export async function hostKeyOf(
  name: HostName,
  testbed: VagrantTestbed,
  context: VagrantContext,
): Promise<string> {
  const pinned = join(testbed.state, `host-key-${name}.pub`);
  const known = await readFile(pinned, 'utf8').catch(() => null);
  if (known !== null) return known.trim();
  const directory = await ownBox(testbed, context);
  const key =
    directory === null
      ? await testbed.vagrant.ssh(name, 'cat /etc/ssh/ssh_host_ed25519_key.pub', {
          timeoutMs: COMMAND_LIMIT_MS,
        })
      : await readFile(join(directory, 'host_key.pub'), 'utf8');
  await writeFile(pinned, key, { mode: 0o600 });
  return key.trim();
}

/** Directory of the built box; null where the settings name another. */
async function ownBox({ settings }: VagrantTestbed, context: VagrantContext): Promise<string | null> {
  const suite = OWN_BOX.exec(settings.box)?.[1];
  if (suite === undefined) return null;
  const { announce, signal } = context;
  const env = {
    HOME: process.env.HOME ?? '/root',
    ...(process.env.XDG_CACHE_HOME && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
  };
  const argv = [join(PROJECT, 'vagrant/box/build.sh'), suite];
  const cached = await run([...argv, '--cached'], { timeoutMs: COMMAND_LIMIT_MS, signal, env });
  if (cached.status === 0) return cached.stdout.trim();
  announce(`building the box thaw/debian-${suite} (about 2 minutes; once, then from the cache)`);
  const said = await mustRun(argv, { timeoutMs: BUILD_LIMIT_MS, signal, env });
  return said.trim().split('\n').at(-1) ?? '';
}
