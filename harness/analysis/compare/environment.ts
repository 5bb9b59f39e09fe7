/** What must be the same for two runs to be compared: everything but the toolchains. */
import { createHash } from 'node:crypto';
import type { HostFacts, RunRecord, Scenario } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import type { Difference } from './comparison.ts';

/** Facts that differ between any two of the runs, each with the values on both sides. */
export function differences(base: readonly RunRecord[], candidate: readonly RunRecord[]): Difference[] {
  const [left, right] = [base.map(factsOf), candidate.map(factsOf)];
  const names = new Set([...left, ...right].flatMap((facts) => [...facts.keys()]));
  const apart = [...names].flatMap((what) => {
    const [a, b] = [valuesOf(left, what), valuesOf(right, what)];
    return new Set([...a, ...b]).size > 1 ? [{ what, base: a, candidate: b }] : [];
  });
  return [...apart, ...mixedToolchains(base, candidate)];
}

/** `runc 1.3.6, CRIU 4.2.1 (debian:forky)` of each host, once where all have the same. */
export function toolchainsOf(record: RunRecord): string {
  return eachHost(
    record,
    ({ toolchain }) => `${runtimeText(toolchain)}, CRIU ${toolchain.criu} (${toolchain.name})`,
  );
}

/** Software that may change from run to run of one history: what it is called, and its version. */
export function versionsOf(record: RunRecord): Record<string, string> {
  return {
    runtime: eachHost(record, ({ toolchain }) => runtimeText(toolchain)),
    CRIU: eachHost(record, ({ toolchain }) => toolchain.criu),
    toolchain: eachHost(record, ({ toolchain }) => toolchain.name),
    kernel: eachHost(record, ({ kernel }) => kernel),
    distribution: eachHost(record, ({ distribution }) => distribution),
    Thaw: record.head.thaw,
  };
}

/** 12 hexadecimal digits of all that must be the same, without the software that `versionsOf` tells. */
export function environmentDigest(record: RunRecord): string {
  const facts = [...factsOf(record)].filter(([what]) => !VERSIONS.has(what)).sort();
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12);
}

const VERSIONS = new Set(['Thaw', 'kernel', 'distribution']);

const NOT_THERE = 'none';

function valuesOf(facts: readonly Map<string, string>[], what: string): string[] {
  return [...new Set(facts.map((one) => one.get(what) ?? NOT_THERE))];
}

function factsOf(record: RunRecord): Map<string, string> {
  const { head, tail } = record;
  return new Map([
    ['scenario', head.scenario.name],
    ['Thaw', head.thaw],
    ['kernel', eachHost(record, ({ kernel }) => kernel)],
    ['CPU', eachHost(record, ({ cpu, architecture }) => `${cpu} (${architecture})`)],
    ['cgroup version', eachHost(record, ({ cgroup }) => cgroup)],
    ['missing capabilities', eachHost(record, (host) => host.missingCapabilities.join(' ') || NOT_THERE)],
    // The hosts of a namespace testbed take theirs from the toolchain's root file system.
    ...(head.scenario.testbed.kind === 'netns' ? [] : [distribution(record)]),
    ['adaptations', head.adaptations.map(({ what }) => what).join('; ') || NOT_THERE],
    ['scheduling class of the probe', tail?.probe?.schedulingClass ?? 'unknown'],
    ...leaves(environmentOf(head.scenario), 'scenario'),
  ]);
}

function distribution(record: RunRecord): [string, string] {
  return ['distribution', eachHost(record, (host) => host.distribution)];
}

/** The scenario without what names it, judges it, or says how often. */
function environmentOf(scenario: Scenario): object {
  const { name: _name, why: _why, seed: _seed, toolchain: _toolchain, checks: _checks, ...more } = scenario;
  // What a cell has of its own stands in the rest of it.
  const { cell: _cell, network, ...rest } = more;
  const { count: _count, warmUp: _warmUp, inFlight, ...plan } = rest.migration;
  const migration = { ...plan, ...(inFlight !== 'skip' && { inFlight }) };
  // A history that was begun before there were these keys goes on with runs that do not use them.
  return { ...rest, migration, ...(network !== null && { network }) };
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

function eachHost(record: RunRecord, read: (host: HostFacts) => string): string {
  const { hosts } = record.head;
  const values = new Set(hosts.map(read));
  if (values.size <= 1) return [...values][0] ?? 'unknown';
  return hosts.map((host) => `${host.name}: ${read(host)}`).join('; ');
}

/** Two toolchains on one side would be compared as if they were one. */
function mixedToolchains(base: readonly RunRecord[], candidate: readonly RunRecord[]): Difference[] {
  const [left, right] = [new Set(base.map(toolchainsOf)), new Set(candidate.map(toolchainsOf))];
  if (left.size <= 1 && right.size <= 1) return [];
  return [{ what: 'toolchains on one side', base: [...left], candidate: [...right] }];
}
