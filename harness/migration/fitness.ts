/** Whether a host can do what a scenario asks for, found out before anything is started on it. */
import { EnvironmentError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { CaptureKind, Finding, Need, Scenario } from '../model.ts';
import { workloadIn, workloadMiB } from '../scenario/workload.ts';
import { finding } from '../testbed/finding.ts';
import { guardsOf } from '../testbed/guards.ts';
import { whyUnable } from './ability.ts';
import { portsInUse, portsOf, type WantedPort } from './ports.ts';

/** What is looked at on each host; a finding is called `HOST NEED`. */
const NEEDS = ['strategy', 'tools', 'captures', 'memory', 'space', 'port', 'address'] as const;

/** Those that a scenario has: few ask for captures. */
export function needsOf({ capture }: Pick<Scenario, 'capture'>): Need[] {
  return NEEDS.filter((need) => need !== 'captures' || capture.length > 0);
}

/** One finding of each need. Never throws for what it finds. `beside`: where programs run that look at the host. */
export async function fitnessOf(scenario: Scenario, host: Host, beside: Host = host): Promise<Finding[]> {
  const looks: Record<Need, () => Promise<Looked>> = {
    strategy: () => strategy(scenario, host),
    tools: () => tools(scenario, host),
    captures: () => captures(scenario, beside),
    memory: () => memory(scenario, host),
    space: () => space(scenario, host),
    port: () => port(scenario, host),
    address: () => address(scenario, host),
  };
  return Promise.all(
    needsOf(scenario).map(async (need) => {
      const { good, found, why, next, otherwise } = await looks[need]();
      return finding([`needs-${need}`, `${host.name} ${need}`], good, found, why, next, otherwise);
    }),
  );
}

interface Looked {
  good: boolean;
  found: string;
  why: string;
  next: string;
  otherwise?: 'warning';
}

const LIMIT = { timeoutMs: 30_000, allowFailure: true };
/** Of CRIU's other images, logs and the processes that are no ballast. */
const BESIDE_MIB = 64;

/** Features of CRIU and of the kernel, flags of crun, pipes, Perl and tar: whatever the strategy and the transfer need. */
async function strategy(scenario: Scenario, host: Host): Promise<Looked> {
  const unable = await whyUnable(scenario, [host]);
  const { strategy, transfer } = scenario.migration;
  return {
    good: unable === null,
    found:
      unable ??
      `${strategy.kind} by ${scenario.runtime}${transfer === 'share' ? '' : `, with transfer: ${transfer}`}`,
    why: 'a run would be skipped for it',
    next: 'another strategy, runtime or transfer; or a kernel and a CRIU that have it',
  };
}

async function tools(scenario: Scenario, host: Host): Promise<Looked> {
  const guarded = guardsOf(scenario, {
    policy: scenario.migration.connections === 'refuse' ? 'refuse' : 'established',
  });
  const wanted = [
    scenario.runtime,
    'criu',
    'ip',
    ...(scenario.handover.announce ? ['arping'] : []),
    ...(guarded.length > 0 ? ['iptables'] : []),
  ];
  const script = 'for tool; do command -v "$tool" >/dev/null || echo "$tool"; done';
  const { stdout } = await host.exec(['/bin/sh', '-c', script, 'sh', ...wanted], LIMIT);
  const missing = stdout.split('\n').filter(Boolean);
  return {
    good: missing.length === 0,
    found: missing.length === 0 ? wanted.join(', ') : `not there: ${missing.join(', ')}`,
    why: 'each migration calls them',
    next: `install ${missing.join(' and ')} there`,
  };
}

/** A run goes on without them, and says what it could not capture. */
async function captures({ capture }: Scenario, beside: Host): Promise<Looked> {
  const wanted = [...new Set(capture.flatMap((kind) => CAPTURES[kind]))];
  // There is a perf that only says which one of the kernel's is missing.
  const script = 'for tool; do "$tool" --version >/dev/null 2>&1 || echo "$tool"; done';
  const { stdout } = await beside.exec(['/bin/sh', '-c', script, 'sh', ...wanted], LIMIT);
  const missing = stdout.split('\n').filter(Boolean);
  return {
    good: missing.length === 0,
    found:
      missing.length === 0
        ? `${capture.join(', ')} by ${wanted.join(', ') || 'the kernel'}`
        : `not there, or they do not work: ${missing.join(', ')}`,
    why: 'what is captured is captured by them',
    next: `install ${missing.join(' and ')} where the host is looked at from`,
    otherwise: 'warning',
  };
}

const CAPTURES: Record<CaptureKind, string[]> = {
  packets: ['tcpdump'],
  strace: ['perl', 'strace'],
  perf: ['perl', 'perf'],
  core: [],
  images: [],
};

/** EnvironmentError where what the container holds, or its images, cannot find room: before anything is started. */
export async function requireRoom(scenario: Scenario, hosts: readonly Host[]): Promise<void> {
  if (ballastOf(scenario) === 0) return;
  for (const host of hosts) {
    for (const look of [memory, space]) {
      const { good, found, why, next } = await look(scenario, host);
      if (!good)
        throw new EnvironmentError(`there is too little room on ${host.name}: ${found} (${why})`, next);
    }
  }
}

/** The container's own memory, and its images where they lie in memory too: twice where both ends are one machine. */
async function memory(scenario: Scenario, host: Host): Promise<Looked> {
  const { stdout } = await host.exec(['cat', '/proc/meminfo'], LIMIT);
  const free = Math.floor(Number(/^MemAvailable: +(\d+) kB/m.exec(stdout)?.[1] ?? Number.NaN) / 1_024);
  const ballast = ballastOf(scenario);
  const wanted = BESIDE_MIB + ballast * timesInMemory(scenario);
  return {
    good: free >= wanted,
    found: Number.isNaN(free) ? 'it is not told' : `${free} MiB available, ${wanted} wanted`,
    why: 'the container needs it here, and so do images that lie in memory',
    next: 'less memory in `bundle.counter` or `bundle.redis`, or more on the host',
  };
}

/** The share of namespace hosts lies in memory; that of machines on a disk. */
function timesInMemory({ testbed, migration }: Scenario): number {
  const images = migration.transfer === 'share' ? 0 : 1;
  return testbed.kind === 'netns' ? 2 + images : 1 + images;
}

/** For the images: on the share, or below /run where they go over the network. */
async function space(scenario: Scenario, host: Host): Promise<Looked> {
  const place = scenario.migration.transfer === 'share' ? '/runc' : '/run';
  const { stdout } = await host.exec(['df', '--output=avail', '--block-size=1M', place], LIMIT);
  const free = Number(stdout.trim().split('\n').at(-1) || Number.NaN);
  // By post-copy it is in no image.
  const ballast = scenario.migration.strategy.kind === 'post-copy' ? 0 : ballastOf(scenario);
  const wanted = BESIDE_MIB + ballast;
  return {
    good: free >= wanted,
    found: Number.isNaN(free) ? `${place} is not there` : `${free} MiB free at ${place}, ${wanted} wanted`,
    why: 'all memory of the container is written there',
    next:
      place === '/run'
        ? 'make /run larger there'
        : 'a larger share: `testbed.share`, or more room on the export',
  };
}

async function port(scenario: Scenario, host: Host): Promise<Looked> {
  const wanted = portsOf(scenario);
  const used = await portsInUse(host, wanted);
  const told = (ports: readonly WantedPort[]): string => ports.map(({ port }) => port).join(', ');
  return {
    good: used.length === 0,
    found: used.length === 0 ? `free: ${told(wanted)}` : `in use: ${told(used)}`,
    why: "the container shares the host's network: whoever listens there would answer in its place, or in CRIU's",
    next: used[0]?.next ?? '',
  };
}

async function address({ service }: Scenario, host: Host): Promise<Looked> {
  const { stdout } = await host.exec(['ip', '-o', '-4', 'addr', 'show'], LIMIT);
  const taken = new RegExp(`\\binet ${service.address.replaceAll('.', '\\.')}/`).test(stdout);
  return {
    good: !taken,
    found: `${service.address} is ${taken ? 'on this host already' : 'not on this host'}`,
    why: 'the service address comes and goes with the container',
    next: 'choose another `service.address`, or remove it there',
  };
}

/** What a counter or redis holds; of any other bundle nobody knows it before it runs. */
function ballastOf({ bundle, service }: Scenario): number {
  const found = workloadIn(bundle, service.port);
  return found === null ? 0 : workloadMiB(found.workload);
}
