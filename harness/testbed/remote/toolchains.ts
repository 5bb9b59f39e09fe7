/**
 * The toolchain of a machine over SSH: what is installed there, or a root file system of this machine's cache, which is
 * copied there once for each content and mounted for the run.
 */
import { createHash } from 'node:crypto';
import { basename, posix } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { HostFacts, RuntimeName, ToolchainFacts, ToolchainName } from '../../model.ts';
import { joinToolchain, splitToolchain } from '../../runtime/parts.ts';
import { type RootContext, type ToolchainRoot, toolchainRoot } from '../../runtime/toolchain.ts';
import type { Scope } from '../../scope.ts';
import { cgroupOf, hostFacts, toolVersions } from '../facts.ts';
import type { Connected } from './connect.ts';
import { startPlace } from './place.ts';
import { type Delivery, deliver } from './share.ts';

/** On the machine. Its root's alone: a root file system has programs that run as root for whoever starts them. */
export const TOOLCHAINS = '/var/lib/thaw/toolchains';

const LIMIT = { timeoutMs: 30_000 };

/** `auto` is what the machine has: only this machine's kernel is tried beforehand. */
export async function cachedRoot(name: ToolchainName, context: RootContext): Promise<ToolchainRoot> {
  const { base, parts } = splitToolchain(name);
  return toolchainRoot(joinToolchain(base === 'auto' ? 'host' : base, parts), context);
}

export interface Equipped {
  /** Where its commands run: the machine as it is, or a place there with the toolchain's root. */
  host: Host;
  /** On the machine, the link to the PID namespace of those commands. */
  pidNamespace: string;
}

export async function withToolchain(
  { host, inside }: Pick<Connected, 'host' | 'inside'>,
  root: ToolchainRoot,
  { announce, scope, signal }: RootContext & { scope: Scope },
): Promise<Equipped> {
  const deliveries = deliveriesOf(root);
  if (deliveries.length === 0) return { host, pidNamespace: '/proc/self/ns/pid' };
  await host.exec(['install', '-d', '-m', '0700', '--', '/var/lib/thaw', TOOLCHAINS], LIMIT);
  await deliver(deliveries, host, TOOLCHAINS, (line) => announce(`${line}, of ${root.name}`));
  const layers = deliveries.map(({ at }) => posix.join(TOOLCHAINS, at));
  if (root.root === '/') layers.push('/');
  const place = await startPlace(host, layers, { scope, signal });
  return { host: inside(place.enter), pidNamespace: `/proc/${place.pid}/ns/pid` };
}

/** The topmost first. What has no digest is copied for each run. */
function deliveriesOf({ root, over, digest }: ToolchainRoot): Delivery[] {
  const layer = over === null ? [] : [{ from: over, at: `parts-${basename(over)}`, digest: basename(over) }];
  if (root === '/') return layer;
  const own = over === null || digest === null ? digest : digest.slice(0, -`-${basename(over)}`.length);
  const named = createHash('sha256')
    .update(own ?? root)
    .digest('hex')
    .slice(0, 16);
  // By its content: another one of the same recipe lies beside it.
  return [...layer, { from: root, at: `${own === null ? 'path' : 'root'}-${named}`, digest: own }];
}

/** What the machine says of itself and of the toolchain. EnvironmentError where that lacks what the run needs. */
export async function remoteFacts(
  machine: Host,
  inside: Host,
  { root, runtime }: { root: ToolchainRoot; runtime: RuntimeName },
): Promise<HostFacts> {
  const toolchain = await toolchainFacts(inside, root, runtime);
  const facts = await hostFacts(inside, toolchain, await cgroupOf(inside));
  if (inside === machine) return facts;
  // A place has the toolchain's own os-release.
  const { distribution } = await hostFacts(machine, toolchain, facts.cgroup);
  return { ...facts, distribution };
}

async function toolchainFacts(
  host: Host,
  { name, digest }: ToolchainRoot,
  runtime: RuntimeName,
): Promise<ToolchainFacts> {
  const versions = await toolVersions(host);
  for (const tool of [runtime, 'criu'] as const) {
    if (versions[tool] !== 'unknown') continue;
    if (name === 'host')
      throw new EnvironmentError(`${host.name} has no ${tool}`, `install it there: dnf install ${tool}`);
    const { stderr } = await host.exec([tool, '--version'], { ...LIMIT, allowFailure: true });
    throw new EnvironmentError(
      `the toolchain ${name} has no ${tool} that runs on ${host.name}: ${stderr.trim() || 'it says no version'}`,
      'take a root that was made for it: debian:SUITE, with +criu=FROM or +runc=FROM after it',
    );
  }
  const because = name === 'host' ? 'what is installed there' : 'named in the scenario';
  const versionOf = { name: runtime, version: versions[runtime] };
  return { name, runtime: versionOf, criu: versions.criu, digest, because };
}
