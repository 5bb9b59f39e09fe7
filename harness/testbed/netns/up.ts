/** Brings the namespace testbed up: fabric, hosts, client, network. Nothing is added outside of namespaces. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { sharedClock } from '../../host/host-clock.ts';
import { mustRun, run } from '../../host/local.ts';
import { CLIENT_NAMESPACES, entering, HOST_NAMESPACES, namespaceHost } from '../../host/namespace-host.ts';
import type { Transcript } from '../../host/transcript.ts';
import type { HostName, NetnsPlan, Service, ToolchainFacts } from '../../model.ts';
import { CGROUP_PREFIX } from '../../paths.ts';
import type { Shared } from '../../runtime/bundle/prepare.ts';
import { sanitizerEnvironment } from '../../runtime/sanitizers.ts';
import type { Scope } from '../../scope.ts';
import { hostFacts } from '../facts.ts';
import type { Testbed, TestbedHost } from '../testbed.ts';
import { hostAddresses } from './addresses.ts';
import { CLIENT, FABRIC, HOST } from './boot.ts';
import * as cgroups from './cgroups.ts';
import { netnsDisturb } from './disturb.ts';
import { dropLease, type Lease, noteShell, takeLease } from './lease.ts';
import { borrowSettings, type MachineSetting, returnSettings } from './machine-settings.ts';
import { namespaceObserver } from './observer.ts';
import { type Place, startPlace } from './place.ts';

export interface NetnsRequest {
  plan: NetnsPlan;
  /** What the shared directory lies on; only a disk can hang. */
  shareOn: 'memory' | 'disk';
  service: Service;
  /** `over`: what lies above the root in a host's file system. */
  hosts: { name: HostName; toolchain: ToolchainFacts; root: string; over?: string | null }[];
  shared: readonly Shared[];
  settings: readonly MachineSetting[];
  clock: Clock;
  transcript: Transcript;
}

/** For a person: bash where there is one. */
const SHELL = ['/bin/sh', '-c', 'cd /runc; command -v bash >/dev/null && exec bash; exec sh'];

const BOOT_LIMIT_MS = 20_000;
const STEP = { timeoutMs: 10_000 };

/** Everything that is made is undone by `scope`, hosts before the fabric. */
export async function netnsUp(request: NetnsRequest, scope: Scope): Promise<Testbed> {
  const lease = takeLease();
  scope.defer('remove the testbed directory', () => dropLease(lease));
  if (request.settings.length > 0) {
    scope.defer('put settings of the machine back', () => returnSettings(lease.id));
    await borrowSettings(request.settings, lease.id);
  }
  const all = cgroups.hierarchies();
  const places: Lab['places'] = new Map();
  const lab: Lab = {
    lease,
    places,
    request,
    scope,
    visible: cgroups.forHosts(all, request.plan.cgroup),
    all,
  };

  const addresses = hostAddresses(request.service, request.hosts.length + 1);
  const fabric = await fabricUp(lab);
  await shareDirectories(lab, fabric);
  const hosts = new Map<HostName, TestbedHost>();
  for (const [index, wanted] of request.hosts.entries()) {
    hosts.set(wanted.name, await hostUp(lab, fabric, wanted, index, addresses[index] as string));
  }
  const client = await clientUp(lab, fabric, addresses.at(-1) as string);
  return {
    kind: 'netns',
    hosts,
    client,
    remoteClient: null,
    serviceAddress: null,
    disturb: disturbOf(lab, fabric),
  };
}

interface Lab {
  lease: Lease;
  places: Map<string, { pid: number; group: string; port: string }>;
  request: NetnsRequest;
  scope: Scope;
  visible: cgroups.Hierarchy[];
  all: cgroups.Hierarchy[];
}

function disturbOf(lab: Lab, fabric: Place): Testbed['disturb'] {
  const ground = {
    places: lab.places,
    hierarchies: lab.all,
    inNetwork: enter(fabric, '--net'),
    inShare: enter(fabric, '--mount'),
    share: join(lab.lease.directory, 'lab/share'),
    shareMiB: lab.request.plan.shareMiB,
  };
  return netnsDisturb(ground, lab.scope);
}

function makeGroup(lab: Lab, place: string): { name: string; directories: string[] } {
  const name = `${CGROUP_PREFIX}${lab.lease.id}-${place}`;
  cgroups.makeCgroup(lab.all, name);
  lab.scope.defer(`remove the cgroups of ${place}`, () => cgroups.removeCgroup(lab.all, name));
  return { name, directories: lab.all.map(({ mountPoint }) => join(mountPoint, name)) };
}

async function fabricUp(lab: Lab): Promise<Place> {
  const state = join(lab.lease.directory, 'lab');
  mkdirSync(state);
  const group = makeGroup(lab, 'fabric');
  const fabric = await startPlace({
    label: 'the network and the share',
    cgroups: group.directories,
    argv: unshare(['--mount', '--net'], FABRIC, [
      state,
      String(lab.request.plan.shareMiB),
      lab.request.shareOn,
    ]),
    forks: false,
    timeoutMs: BOOT_LIMIT_MS,
  });
  lab.scope.defer('end the fabric', fabric.end);
  return fabric;
}

const SHARE_READ_ONLY = 'mkdir -p "$2" && mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"';
const SHARE_COPY = 'mkdir -p "$2" && cp -a --one-file-system "$1/." "$2"';

async function shareDirectories(lab: Lab, fabric: Place): Promise<void> {
  for (const { from, at, mode } of lab.request.shared) {
    const target = join(lab.lease.directory, 'lab/share', at);
    const script = mode === 'copy' ? SHARE_COPY : SHARE_READ_ONLY;
    await mustRun([...enter(fabric, '--mount'), '/bin/sh', '-c', script, 'sh', from, target], {
      timeoutMs: 60_000,
    });
  }
}

async function hostUp(
  lab: Lab,
  fabric: Place,
  wanted: NetnsRequest['hosts'][number],
  index: number,
  address: string,
): Promise<TestbedHost> {
  const { name } = wanted;
  const { clock, transcript, service } = lab.request;
  const group = makeGroup(lab, name);
  const state = join(lab.lease.directory, 'lab/hosts', name);
  const share = join(lab.lease.directory, 'lab/share');
  const groups = lab.visible.flatMap((h) => [h.directory, h.type, h.options]);
  const place = await startPlace({
    label: `host ${name}`,
    cgroups: group.directories,
    argv: [
      ...enter(fabric, '--mount'),
      ...unshare(
        ['--net', '--mount', '--uts', '--ipc', '--pid', '--cgroup', '--fork', '--kill-child'],
        HOST,
        [
          name,
          [wanted.over ?? [], wanted.root].flat().join(':'),
          state,
          share,
          String(lab.visible.length),
          ...groups,
        ],
      ),
    ],
    forks: true,
    timeoutMs: BOOT_LIMIT_MS,
  });
  lab.scope.defer(`end host ${name}`, place.end);
  const leaf = `${group.name}/init`;
  cgroups.makeCgroup(lab.all, leaf);
  moveAll(lab.all, group.name, leaf);
  await plug(fabric, place, `port${index}`, `${address}/${service.prefixLength}`);
  lab.places.set(name, { pid: place.pid, group: group.name, port: `port${index}` });

  const inside = {
    initPid: place.pid,
    cgroups: lab.all.map(({ mountPoint }) => join(mountPoint, leaf)),
    namespaces: HOST_NAMESPACES,
  };
  noteShell(lab.lease, name, entering(inside, SHELL));
  const env = sanitizerEnvironment(process.env);
  const host = namespaceHost({ name, ...inside, env, clock, transcript });
  const version = cgroups.cgroupVersion(lab.visible);
  return {
    host,
    interface: 'eth0',
    observe: namespaceObserver(place.pid, clock),
    clock: sharedClock(clock),
    facts: await hostFacts(host, wanted.toolchain, version),
    beside: {
      host: namespaceHost({ name, ...inside, namespaces: ['--net'], env, clock, transcript }),
      local: true,
      pidNamespace: `/proc/${place.pid}/ns/pid`,
    },
  };
}

async function clientUp(lab: Lab, fabric: Place, address: string): Promise<Testbed['client']> {
  const { service, clock, transcript } = lab.request;
  const hostsFile = join(lab.lease.directory, 'client-hosts');
  writeFileSync(hostsFile, `127.0.0.1 localhost\n${service.address} ${service.name}\n`);
  const group = makeGroup(lab, 'client');
  // In a cpu cgroup of v1 no process may have a real-time class, which the probe wants for its timing.
  const joined = lab.all.filter((h) => !h.options.split(',').includes('cpu'));
  const directories = joined.map(({ mountPoint }) => join(mountPoint, group.name));
  const place = await startPlace({
    label: "the client's place",
    cgroups: directories,
    argv: unshare(['--mount', '--net'], CLIENT, [hostsFile]),
    forks: false,
    timeoutMs: BOOT_LIMIT_MS,
  });
  lab.scope.defer("end the client's place", place.end);
  await plug(fabric, place, 'client', `${address}/${service.prefixLength}`);
  lab.places.set('client', { pid: place.pid, group: group.name, port: 'client' });
  return namespaceHost({
    name: 'client',
    initPid: place.pid,
    cgroups: directories,
    namespaces: CLIENT_NAMESPACES,
    clock,
    transcript,
  });
}

/** A cable from the place's eth0 to a port of the bridge. */
async function plug(fabric: Place, place: Place, port: string, address: string): Promise<void> {
  const inFabric = [...enter(fabric, '--net'), 'ip', '-batch', '-'];
  const inPlace = [...enter(place, '--net'), 'ip', '-batch', '-'];
  await mustRun(inFabric, {
    ...STEP,
    input: `link add ${port} type veth peer name eth0 netns ${place.pid}\nlink set ${port} master br0 up\n`,
  });
  await mustRun(inPlace, {
    ...STEP,
    input: `link set lo up\nlink set eth0 up\naddress add ${address} dev eth0\n`,
  });
  await run([...enter(place, '--net'), 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1'], STEP);
}

function unshare(flags: readonly string[], script: string, args: readonly string[]): string[] {
  return [
    'unshare',
    ...flags,
    '--propagation',
    'private',
    '--',
    '/bin/sh',
    '-c',
    script,
    'thaw-place',
    ...args,
  ];
}

function enter(place: Place, ...namespaces: string[]): string[] {
  return ['nsenter', '--target', String(place.pid), ...namespaces, '--'];
}

function moveAll(list: readonly cgroups.Hierarchy[], from: string, to: string): void {
  for (const pid of cgroups.processesIn(list, from)) {
    for (const { mountPoint } of list) writeFileSync(join(mountPoint, to, 'cgroup.procs'), String(pid));
  }
}
