/** What a command line changes in a scenario. */
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { CaptureKind, RuntimeName, Scenario, TestbedPlan } from '../model.ts';
import { joinToolchain, splitToolchain, TOOLS } from '../runtime/parts.ts';
import { parseSource, sourceText } from '../runtime/sources/source.ts';
import { noToolchain } from '../runtime/toolchain.ts';
import { toolchains } from './convert.ts';
import { COUNT, RATE, toolchainName } from './leaves.ts';
import { nearest } from './parse.ts';
import type { Axis } from './vary.ts';

export interface Overrides {
  toolchain?: string | Record<string, string>;
  /** Parts of every host's toolchain: a path, `host` or `debian:SUITE`. */
  runc?: string;
  crun?: string;
  criu?: string;
  runtime?: RuntimeName;
  count?: number;
  /** Milliseconds. */
  for?: number;
  warmUp?: number;
  rate?: number;
  seed?: number;
  /** `netns`, `vagrant`, or `ssh:FILE` with an inventory file. */
  testbed?: string;
  capture?: CaptureKind[];
  /** False: without the checks that hold a duration against a limit. */
  limits?: boolean;
}

/** Which key of a scenario each option changes. */
const CHANGES: Partial<Record<keyof Overrides, string>> = {
  toolchain: 'toolchain',
  runc: 'toolchain',
  crun: 'toolchain',
  criu: 'toolchain',
  runtime: 'runtime',
  count: 'migration.count',
  for: 'migration.for',
  warmUp: 'migration.warm-up',
  rate: 'probe.rate',
  seed: 'seed',
  testbed: 'testbed',
  capture: 'capture',
};

/** An option would make all values of an axis the same, and the cells would still be told by them. */
export function refuseAxesGiven(axes: readonly Axis[], overrides: Overrides): void {
  for (const [option, key] of Object.entries(CHANGES) as [keyof Overrides, string][]) {
    if (overrides[option] === undefined) continue;
    const axis = axes.find((one) => one.key === key || one.key.startsWith(`${key}.`));
    if (axis === undefined) continue;
    const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(`${flag} would undo what this sweep varies: ${axis.key}`, `leave out ${flag}`);
  }
}

/** The scenario as the command line changes it; UsageError for what cannot be. */
export function applyOverrides(scenario: Scenario, overrides: Overrides): Scenario {
  const { migration, probe } = scenario;
  const { count, for: forMs, warmUp, rate, seed, runtime, testbed, limits } = overrides;
  return {
    ...scenario,
    seed: within('--seed', seed, 0, 4_294_967_295) ?? scenario.seed,
    migration: {
      ...migration,
      count:
        within('--count', count, COUNT.min, COUNT.max) ?? (forMs === undefined ? migration.count : COUNT.max),
      forMs: forMs ?? migration.forMs,
      warmUp: within('--warm-up', warmUp, 0, 1_000) ?? migration.warmUp,
    },
    probe: { ...probe, ratePerSecond: within('--rate', rate, RATE.min, RATE.max) ?? probe.ratePerSecond },
    checks: limits === false ? { ...scenario.checks, limits: [] } : scenario.checks,
    testbed: testbed === undefined ? scenario.testbed : testbedNamed(testbed, scenario.testbed),
    toolchain: withToolchain(scenario, overrides),
    runtime: runtime ?? scenario.runtime,
    capture: overrides.capture ?? scenario.capture,
  };
}

/** The testbed that a command line names; what the scenario says of one of the same kind is kept. */
export function testbedNamed(given: string, otherwise: TestbedPlan | null = null): TestbedPlan {
  const inventory = /^ssh:(.+)$/s.exec(given)?.[1];
  if (inventory !== undefined) return { kind: 'ssh', inventory: resolve(inventory) };
  if (given === otherwise?.kind) return otherwise;
  switch (given) {
    case 'netns':
      return { kind: 'netns', cgroup: 'machine', shareMiB: 1_024 };
    case 'vagrant':
      return { kind: 'vagrant' };
    default:
      throw new UsageError(
        `--testbed: ${given} is no testbed${nearest(given, ['netns', 'vagrant', 'ssh:FILE'])}`,
        'use netns, vagrant, or ssh:FILE with an inventory file',
      );
  }
}

function within(option: string, value: number | undefined, low: number, high: number): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= low && value <= high)) return value;
  throw new UsageError(`${option} must be a whole number from ${low} to ${high}, not ${value}`);
}

function withToolchain(scenario: Scenario, overrides: Overrides): Scenario['toolchain'] {
  const { path } = scenario.migration;
  const given = overrides.toolchain ?? {};
  const byHost = typeof given === 'string' ? toolchains(path, given) : given;
  for (const [host, name] of Object.entries(byHost)) {
    if (!path.includes(host)) {
      throw new UsageError(`--toolchain: ${host} is not in the path of this scenario${nearest(host, path)}`);
    }
    if (!toolchainName.safeParse(name).success) {
      throw noToolchain(name, '--toolchain: ');
    }
  }
  const all = Object.entries({ ...scenario.toolchain, ...byHost });
  return Object.fromEntries(all.map(([host, name]) => [host, withOwnParts(name, overrides)]));
}

/** A path is relative to the working directory. The last of two parts for one tool counts. */
function withOwnParts(name: string, overrides: Overrides): string {
  const own = TOOLS.flatMap((tool) => {
    const from = overrides[tool];
    return from === undefined ? [] : [{ tool, from: sourceText(parseSource(from)) }];
  });
  const { base, parts } = splitToolchain(joinToolchain(name, own));
  return joinToolchain(base, parts);
}
