/** On what it was run: versions of both hosts, and what was chosen because of this machine. */
import type { HostFacts, RunRecord } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { exactMs } from '../numbers.ts';
import { heading, type Style } from '../style.ts';
import { hang, safeText } from '../text.ts';
import { factLines } from './client.ts';

export function machineSection(record: RunRecord, style: Style): string[] {
  const { hosts, adaptations, scenario, thaw, startedAt, id } = record.head;
  const facts: [string, string][] = [
    ...groups(hosts),
    ...clocks(record),
    [
      'run',
      `${safeText(id, 60)}, begun ${safeText(startedAt, 40)}, Thaw ${safeText(thaw, 20)}, seed ${scenario.seed}`,
    ],
  ];
  const lines = [heading(style, 'Hosts'), ...factLines(facts, style)];
  if (adaptations.length === 0) return lines;
  return [
    ...lines,
    '',
    heading(style, 'Chosen because of this machine'),
    ...adaptations.flatMap(({ what, why }) =>
      hang('  - ', `${safeText(what, 200)}: ${safeText(why, 300)}`, style.width),
    ),
  ];
}

/** How well the clocks of hosts with kernels of their own were known, over all migrations. */
function clocks(record: RunRecord): [string, string][] {
  const told = [...worstClocks(record)].map(([host, ms]) => `${safeText(host, 20)} ±${exactMs(ms)}`);
  return told.length === 0 ? [] : [['clocks', `known at worst to ${told.join(', ')}`]];
}

/** The largest uncertainty of each host's clock, ms; empty where the hosts share the controller's. */
export function worstClocks({ migrations }: RunRecord): Map<string, number> {
  const worst = new Map<string, number>();
  for (const { host, uncertaintyMs } of migrations.flatMap((migration) => migration.clocks))
    worst.set(host, Math.max(worst.get(host) ?? 0, uncertaintyMs));
  return worst;
}

/** Hosts with the same versions share a line; a version skew is seen as two. */
function groups(hosts: readonly HostFacts[]): [string, string][] {
  if (hosts.length === 0) return [['hosts', 'unknown (none was brought up)']];
  const byText = new Map<string, HostFacts[]>();
  for (const host of hosts) {
    const text = versions(host);
    byText.set(text, [...(byText.get(text) ?? []), host]);
  }
  return [...byText].map(([text, same]) => [same.map((host) => safeText(host.name, 20)).join(', '), text]);
}

function versions(host: HostFacts): string {
  const { toolchain, missingCapabilities } = host;
  const parts = [
    safeText(runtimeText(toolchain), 40),
    `CRIU ${safeText(toolchain.criu, 40)}`,
    `Linux ${safeText(host.kernel, 60)} ${safeText(host.architecture, 20)}`,
    safeText(host.distribution, 60),
    `cgroup ${host.cgroup}`,
    `toolchain ${safeText(toolchain.name, 80)} (${safeText(toolchain.because, 200)})`,
  ];
  const missing = missingCapabilities.map((name) => safeText(name, 40)).join(', ');
  return [...parts, ...(missing === '' ? [] : [`without ${missing}`])].join(', ');
}
