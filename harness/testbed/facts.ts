/** What a host says of itself: asked, not assumed, and written down with every result. */
import { existsSync, readFileSync } from 'node:fs';
import type { Host } from '../host/host.ts';
import type { Family, HostFacts, RuntimeName, ToolchainFacts } from '../model.ts';

const LIMIT = { timeoutMs: 20_000, allowFailure: true };

/** Capabilities that CRIU or runc miss dearly, with their bit numbers (linux/capability.h). */
const CAPABILITIES: Record<string, number> = {
  CAP_NET_ADMIN: 12,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_CHECKPOINT_RESTORE: 40,
};

export async function hostFacts(
  host: Host,
  toolchain: ToolchainFacts,
  cgroup: HostFacts['cgroup'],
): Promise<HostFacts> {
  const script =
    'uname -r; uname -m; sed -n "s/^PRETTY_NAME=//p" /etc/os-release; sed -n "s/^CapEff:[^0-9a-f]*//p" /proc/self/status; sed -n "s/^model name[^:]*: *//p" /proc/cpuinfo';
  const { stdout } = await host.exec(['/bin/sh', '-c', script], LIMIT);
  const [kernel = 'unknown', architecture = 'unknown', distribution = 'unknown', effective = '', ...cpus] =
    stdout.trimEnd().split('\n');
  return {
    name: host.name,
    kernel,
    architecture,
    cpu: cpusOf(cpus),
    distribution: distribution.replace(/^"(.*)"$/, '$1'),
    cgroup,
    toolchain,
    packages: await ownPackages(host),
    missingCapabilities: missingCapabilities(effective),
  };
}

/** `2 × AMD EPYC`: each model with how many there are of it. */
function cpusOf(models: readonly string[]): string {
  const different = [...new Set(models)];
  if (different.length === 0) return 'unknown';
  return different.map((model) => `${models.filter((one) => one === model).length} × ${model}`).join(', ');
}

/** Which packages a host has, by its os-release. */
export async function familyOf(host: Host): Promise<Family> {
  const { stdout } = await host.exec(['cat', '/etc/os-release'], LIMIT);
  return isRpmFamily(stdout) ? 'rpm' : 'debian';
}

export function isRpmFamily(osRelease: string): boolean {
  return /^ID(_LIKE)?=.*\b(rhel|fedora|centos)\b/m.test(osRelease);
}

/** What is mounted at /sys/fs/cgroup tells the version. */
export async function cgroupOf(host: Host): Promise<HostFacts['cgroup']> {
  const types = await host.exec(
    ['stat', '-f', '-c', '%T', '/sys/fs/cgroup', '/sys/fs/cgroup/unified'],
    LIMIT,
  );
  const [top, unified] = types.stdout.split('\n');
  if (top === 'cgroup2fs') return 'v2';
  return unified === 'cgroup2fs' ? 'hybrid' : 'v1';
}

export interface ToolVersions extends Record<RuntimeName, string> {
  criu: string;
}

/** Versions where `host` is; `unknown` where one is not there or says nothing. */
export async function toolVersions(host: Host): Promise<ToolVersions> {
  // One command for all: over SSH each costs a login of sudo's.
  const script = 'for tool; do "$tool" --version; done';
  const { stdout } = await host.exec(['/bin/sh', '-c', script, 'sh', 'runc', 'crun', 'criu'], LIMIT);
  const said = (version: RegExp): string => version.exec(stdout)?.[1] ?? 'unknown';
  return {
    runc: said(/^runc version (\S+)/m),
    crun: said(/^crun version (\S+)/m),
    criu: said(/^Version:\s*(\S+)/m),
  };
}

// dpkg first: Debian's rpm, where it is installed, makes itself a database to answer from.
const PACKAGE_QUERIES = [
  ['dpkg-query', '-W', 'runc', 'crun', 'criu'],
  ['rpm', '-q', 'runc', 'crun', 'criu'],
] as const;

/** What the package manager that installed them says of the runtimes and CRIU; null where none came as a package. */
export async function ownPackages(host: Host): Promise<string[] | null> {
  for (const query of PACKAGE_QUERIES) {
    const { stdout } = await host.exec(query, LIMIT);
    const lines = stdout.split('\n').filter(isInstalled);
    if (lines.length > 0) return lines;
  }
  return null;
}

// `criu<TAB>4.1.1-1` or `criu-4.1.1-1.el10.x86_64`. What is not there is a sentence of rpm, or has no version.
function isInstalled(line: string): boolean {
  return /^(runc|crun|criu)(\t|-|:\S+\t)\S+$/.test(line);
}

/** Names of the capabilities above that a CapEff mask (hexadecimal) lacks. */
export function missingCapabilities(effective: string): string[] {
  const mask = BigInt(`0x${/^[0-9a-f]+$/.test(effective) ? effective : '0'}`);
  return Object.entries(CAPABILITIES)
    .filter(([, bit]) => (mask & (1n << BigInt(bit))) === 0n)
    .map(([name]) => name);
}

/** Capabilities that this process lacks, and so every namespace host that it makes. */
export function capabilitiesMissingHere(): string[] {
  // Elsewhere than on Linux there are none to miss.
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '';
  return missingCapabilities(effective);
}
