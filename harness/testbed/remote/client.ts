/**
 * A client that is a machine of the inventory: the probe's program is copied there once, and its samples come back over the
 * connection. Its instants are put on the common clock by one reading of that machine's clock when it begins.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError, UsageError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { ClockReading, HostName } from '../../model.ts';
import type { RemotePlace } from '../../probe/start.ts';
import { atLeast } from '../../runtime/commands.ts';
import type { GroundContext } from '../ground.ts';
import { type Connected, connect, requireRoot } from './connect.ts';
import type { Inventory, Machine } from './inventory.ts';
import { deliver } from './share.ts';
import { TOOLCHAINS } from './toolchains.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };
const OLDEST_NODE = [20, 19, 0];
const PROBE = posix.join(TOOLCHAINS, 'probe');

/** Null where the inventory names none: the client is this machine. */
export async function remoteClient(
  { inventory, enter }: { inventory: Inventory; enter: readonly string[] },
  path: readonly HostName[],
  context: GroundContext,
): Promise<{ host: Host; remote: RemotePlace } | null> {
  const name = inventory.client;
  if (name === null) return null;
  // That it is one of the hosts was checked when the inventory was read.
  const machine = inventory.hosts.get(name) as Machine;
  if (path.includes(name)) {
    throw new UsageError(`${name} is the client, and cannot be in migration.path too`, 'take another host');
  }
  const connected = await connect(name, machine, enter, context);
  await requireRoot(connected.host);
  const argv = await programOn(connected.host, context.announce);
  return { host: connected.host, remote: { name, argv, ...clockOf(connected, name) } };
}

/** Its origin, and how far its instants may be off: by the reading at the beginning, and by how far it has drifted since. */
function clockOf({ clock }: Connected, name: HostName): Pick<RemotePlace, 'begin' | 'uncertainty'> {
  let first: ClockReading | undefined;
  const read = async (): Promise<ClockReading> => {
    await clock.read();
    const reading = clock.take().at(-1);
    if (reading !== undefined) return reading;
    throw new EnvironmentError(`the clock of ${name} cannot be read`, 'it is asked for /proc/timer_list');
  };
  return {
    async begin() {
      first = await read();
      return originOf(first).toString();
    },
    async uncertainty() {
      if (first === undefined) return null;
      const last = await read().catch(() => null);
      return last === null ? null : uncertaintyOf(first, last);
    },
  };
}

/** The machine's CLOCK_MONOTONIC at instant 0 of the common clock, in nanoseconds. */
export function originOf({ askedMs, answeredMs, hostNs }: ClockReading): bigint {
  return BigInt(hostNs) - BigInt(Math.round(((askedMs + answeredMs) / 2) * 1e6));
}

/** In milliseconds: what either reading leaves open, and how far the clocks have drifted apart between them. */
export function uncertaintyOf(first: ClockReading, last: ClockReading): number {
  const half = ({ askedMs, answeredMs }: ClockReading): number => (answeredMs - askedMs) / 2;
  const driftMs = Math.abs(Number(originOf(last) - originOf(first))) / 1e6;
  return Math.round((driftMs + half(first) + half(last)) * 1_000) / 1_000;
}

/** The probe's argv on the machine, once the program is there. */
async function programOn(host: Host, announce: (line: string) => void): Promise<string[]> {
  await host.exec(['install', '-d', '-m', '0700', '--', '/var/lib/thaw', TOOLCHAINS, PROBE], LIMIT);
  const { built, undici } = program();
  await host.put(`${PROBE}/package.json`, '{"type":"module"}\n', 0o644);
  const deliveries = [
    { from: built, at: 'app', digest: await digestOf(built) },
    { from: undici, at: 'node_modules/undici', digest: await digestOf(undici) },
  ];
  await deliver(deliveries, host, PROBE, announce);
  const node = await nodeOn(host, announce);
  return [node, '--single-threaded-gc', '--max-semi-space-size=1', `${PROBE}/app/probe/process.js`];
}

function program(): { built: string; undici: string } {
  // Built, this file is dist/testbed/remote/client.js; from source the built program lies beside harness/.
  const here = fileURLToPath(new URL('../..', import.meta.url));
  const built = import.meta.url.endsWith('.ts') ? join(here, '../dist') : here;
  if (!existsSync(join(built, 'probe/process.js'))) {
    throw new EnvironmentError(
      'a client on another machine gets the built probe, which is not there',
      'npm run build',
    );
  }
  return { built, undici: dirname(createRequire(import.meta.url).resolve('undici/package.json')) };
}

async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  for (const file of files.sort())
    hash.update(`${file.slice(directory.length)}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 32);
}

/** What is installed there where it is new enough; else this machine's own binary, which the libraries there must suit. */
async function nodeOn(host: Host, announce: (line: string) => void): Promise<string> {
  if (await runs(host, 'node')) return 'node';
  const own = await mkdtemp(join(tmpdir(), 'thaw-node-'));
  try {
    await mkdir(join(own, 'bin'));
    await copyFile(process.execPath, join(own, 'bin/node'));
    await deliver(
      [{ from: join(own, 'bin'), at: 'node', digest: await digestOf(join(own, 'bin')) }],
      host,
      PROBE,
      announce,
    );
  } finally {
    await rm(own, { recursive: true });
  }
  const copied = `${PROBE}/node/node`;
  if (await runs(host, copied)) return copied;
  throw new EnvironmentError(
    `${host.name} has no Node.js ${OLDEST_NODE.join('.')} or newer, and this machine's does not run there`,
    'install Node.js there: a client needs it',
  );
}

async function runs(host: Host, node: string): Promise<boolean> {
  const { status, stdout } = await host.exec([node, '--version'], LIMIT);
  return status === 0 && atLeast(stdout.trim().replace(/^v/, ''), OLDEST_NODE);
}
