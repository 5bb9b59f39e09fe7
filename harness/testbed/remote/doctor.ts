/** Examines the hosts of an inventory: each by itself, and whether a container can move between them. */
import type { Clock } from '../../clock.ts';
import { messageOf, ThawError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { HostClock } from '../../host/host-clock.ts';
import type { ClockReading, Finding } from '../../model.ts';
import { openScope } from '../../scope.ts';
import { cgroupOf, ownPackages, toolVersions } from '../facts.ts';
import { finding } from '../finding.ts';
import { FEATURES, featuresOn } from '../trial.ts';
import { type ConnectContext, connect, requireRoot } from './connect.ts';
import { examineTogether } from './doctor-together.ts';
import type { Machines } from './ground.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };
const SPACE_WANTED_MIB = 1_024;
const CLOCK_WANTED_MS = 5;

interface Reached {
  host: Host;
  clock: HostClock;
}

/** All findings, host by host and then of all together. Never throws for what it finds. */
export async function examineHosts(
  { inventory, enter }: Machines,
  context: Omit<ConnectContext, 'scope'>,
): Promise<Finding[]> {
  const scope = openScope();
  try {
    const findings: Finding[] = [];
    const reached: Reached[] = [];
    for (const [name, machine] of inventory.hosts) {
      const why = 'everything on a host is done over SSH, and as root';
      try {
        const one = await connect(name, machine, enter, { ...context, scope });
        await requireRoot(one.host);
        findings.push(
          finding(['ssh', `${name} ssh`], true, 'reached, its host key is the known one, root', why, ''),
        );
        if (name === inventory.client) {
          // It needs no runtime and no share.
          findings.push(await clockOf(one.host, one.clock, context.clock));
          continue;
        }
        findings.push(...(await examineHost(one, context.clock)));
        reached.push(one);
      } catch (error) {
        const next = (error instanceof ThawError && error.next) || 'see docs/testbeds.md';
        findings.push(finding(['ssh', `${name} ssh`], false, messageOf(error), why, next));
      }
    }
    return [...findings, ...(await examineTogether(reached.map(({ host }) => host)))];
  } finally {
    await scope.close();
  }
}

/** What one host that was reached has. */
export async function examineHost({ host, clock }: Reached, ours: Clock): Promise<Finding[]> {
  return [
    await tools(host),
    await kernel(host),
    await features(host),
    await share(host),
    await space(host),
    await clockOf(host, clock, ours),
    await selinux(host),
    await firewall(host),
    await leftovers(host),
  ];
}

async function tools(host: Host): Promise<Finding> {
  const { runc, criu } = await toolVersions(host);
  const packages = await ownPackages(host);
  const missing = Object.entries({ runc, criu }).filter(([, version]) => version === 'unknown');
  const found = `runc ${runc}, CRIU ${criu}${packages === null ? '' : ` (${packages.join(', ')})`}`;
  return finding(
    ['host-tools', `${host.name} tools`],
    missing.length === 0,
    found.replaceAll('\t', ' '),
    'they are what is tested',
    `install ${missing.map(([name]) => name).join(' and ')} there`,
  );
}

async function kernel(host: Host): Promise<Finding> {
  const { stdout } = await host.exec(['uname', '-srm'], LIMIT);
  const found = `${stdout.trim()}, cgroup ${await cgroupOf(host)}`;
  return finding(
    ['host-kernel', `${host.name} kernel`],
    stdout !== '',
    found,
    'CRIU depends on it',
    'see what uname says',
  );
}

async function features(host: Host): Promise<Finding> {
  const check = await host.exec(['criu', 'check'], { ...LIMIT, timeoutMs: 60_000 });
  const there = await featuresOn(host);
  const lacking = Object.keys(there).filter((name) => !there[name]);
  const good = check.status === 0;
  const said = check.stderr.trim().split('\n').at(-1) ?? '';
  const found = good ? 'looks good' : `criu check: ${said}`;
  return finding(
    ['host-features', `${host.name} criu check`],
    good && lacking.length === 0,
    lacking.length === 0 ? found : `${found}; not there: ${lacking.join(', ')}`,
    lacking.map((name) => `${name}: ${FEATURES[name]}`).join(', ') || 'what CRIU lacks, it cannot move',
    good ? 'nothing for stop-and-copy' : 'use a CRIU that knows this kernel',
    good ? 'warning' : 'problem',
  );
}

async function share(host: Host): Promise<Finding> {
  const argv = ['findmnt', '--noheadings', '--output', 'SOURCE,FSTYPE,OPTIONS', '--mountpoint', '/runc'];
  const { status, stdout } = await host.exec(argv, LIMIT);
  const [source = '', type = '', options = ''] = stdout.trim().split(/\s+/);
  const told = options.split(',').filter((option) => /^(hard|soft|softerr|vers=.*)$/.test(option));
  const soft = told.some((option) => option.startsWith('soft'));
  const found = `${source} ${type}${told.length === 0 ? '' : ` (${told.join(', ')})`}`;
  return finding(
    ['host-share', `${host.name} share`],
    status === 0 && !soft,
    status === 0 ? found : 'nothing is mounted at /runc',
    soft ? 'a server that is late becomes an error in the middle of an image' : 'bundle and images lie there',
    'mount the share at /runc (NFS: hard)',
    // The host that exports it may have the directory itself there.
    'warning',
  );
}

async function space(host: Host): Promise<Finding> {
  const { stdout } = await host.exec(['df', '--output=avail', '--block-size=1M', '/runc'], LIMIT);
  const free = Number(stdout.trim().split('\n').at(-1));
  return finding(
    ['host-space', `${host.name} space`],
    free >= SPACE_WANTED_MIB,
    Number.isFinite(free) ? `${free} MiB free at /runc` : '/runc is not there',
    'root file systems and images need room',
    'make room on the share',
  );
}

async function clockOf(host: Host, clock: HostClock, ours: Clock): Promise<Finding> {
  await clock.read();
  const reading = clock.take().at(-1);
  const why = 'what happens on a host is placed on the common clock, and cannot be known better than this';
  const next = 'a shorter or quieter way to the host';
  if (reading === undefined)
    return finding(['host-clock', `${host.name} clock`], false, 'it tells none', why, next);
  const roundTrip = reading.answeredMs - reading.askedMs;
  return finding(
    ['host-clock', `${host.name} clock`],
    roundTrip / 2 <= CLOCK_WANTED_MS,
    `known to ±${(roundTrip / 2).toFixed(2)} ms; its wall clock ${wallOff(reading, ours)}`,
    why,
    next,
    'warning',
  );
}

/** How far a host's wall clock is from this machine's, at the instant of the reading. */
function wallOff({ askedMs, answeredMs, hostNs, wallOffsetMs }: ClockReading, ours: Clock): string {
  if (wallOffsetMs === null) return 'is not told';
  const here = (askedMs + answeredMs) / 2 + Number(ours.originNs) / 1e6 + ours.wallOffsetMs;
  const there = Number(hostNs) / 1e6 + wallOffsetMs;
  return `is ${((there - here) / 1_000).toFixed(2)} s from this machine's`;
}

async function selinux(host: Host): Promise<Finding> {
  const { status, stdout } = await host.exec(['getenforce'], LIMIT);
  const mode = status === 0 ? stdout.trim() : 'not there';
  const denied =
    mode === 'Enforcing' ? await host.exec(['ausearch', '-m', 'avc', '-c', 'criu', '-i'], LIMIT) : null;
  const lines = denied?.stdout.split('\n').filter((line) => line.includes('denied')) ?? [];
  return finding(
    ['host-selinux', `${host.name} SELinux`],
    lines.length === 0,
    lines.length === 0 ? mode : `${mode}; it denied CRIU something: ${lines.at(-1)}`,
    'what SELinux denies fails with errors that do not name it',
    'allow it: audit2allow shows the rule',
    'warning',
  );
}

async function firewall(host: Host): Promise<Finding> {
  const { status } = await host.exec(['firewall-cmd', '--state'], LIMIT);
  if (status !== 0)
    return finding(
      ['host-firewall', `${host.name} firewall`],
      true,
      'no firewalld runs',
      'it would drop requests',
      '',
    );
  const { stdout } = await host.exec(['firewall-cmd', '--list-all-zones'], LIMIT);
  const open = /services:.*\bhttp\b/.test(stdout);
  return finding(
    ['host-firewall', `${host.name} firewall`],
    open,
    open ? 'firewalld runs, a zone lets http in' : 'firewalld runs, and no zone lets http in',
    'the client asks the service on this host',
    'firewall-cmd --permanent --add-service=http && firewall-cmd --reload, for the zone of the service address',
    'warning',
  );
}

async function leftovers(host: Host): Promise<Finding> {
  const listed = await host.exec(['runc', 'list', '--quiet'], LIMIT);
  const found = listed.stdout.split('\n').filter(Boolean);
  const conf = await host.exec(['test', '-e', '/run/thaw-criu.conf'], LIMIT);
  if (conf.status === 0) found.push('/run/thaw-criu.conf');
  return finding(
    ['host-leftovers', `${host.name} leftovers`],
    found.length === 0,
    found.length === 0 ? 'none' : `there already: ${found.join(', ')}`,
    'a container of the same name is in the way; those of a killed run go when the next begins',
    'look with `runc list`, and delete what is not needed',
    'warning',
  );
}
