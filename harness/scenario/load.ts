/** A scenario file → Scenario. All mistakes are told at once, each with its place in the file. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.ts';
import type { RuntimeName, Scenario, TestbedPlan } from '../model.ts';
import { joinToolchain, splitToolchain, TOOLS } from '../runtime/parts.ts';
import { TOOLCHAINS } from '../runtime/toolchain.ts';
import { GENERATED_KEYS } from './bundle.ts';
import { toolchains, toScenario } from './convert.ts';
import { COUNT, isOnShare, RATE, size, toolchainName } from './leaves.ts';
import { type Mistake, mistakesOf, nearest, parseYaml } from './parse.ts';
import { scenarioSchema, type Written } from './schema.ts';
import { type Axis, expand } from './vary.ts';

/** What a command line changes in a scenario. */
export interface Overrides {
  toolchain?: string | Record<string, string>;
  /** Parts of every host's toolchain: a path, `host` or `debian:SUITE`. */
  runc?: string;
  crun?: string;
  criu?: string;
  runtime?: RuntimeName;
  count?: number;
  warmUp?: number;
  rate?: number;
  seed?: number;
  /** `netns`, `vagrant`, or `ssh:FILE` with an inventory file. */
  testbed?: string;
  /** False: without the checks that hold a duration against a limit. */
  limits?: boolean;
}

const SIZE_LIMIT = 1024 * 1024;

/** A scenario with the text that it was read from. */
export interface LoadedScenario {
  scenario: Scenario;
  /** The path as the user gave it. */
  file: string;
  text: string;
}

/** A scenario that varies: what it varies, and the cells that this makes. */
export interface LoadedSweep {
  axes: Axis[];
  /** How often each cell is run. */
  rounds: number;
  cells: LoadedScenario[];
}

/**
 * Reads and checks a scenario file, and changes it as the command line says. UsageError with every mistake, or why the
 * file cannot be read.
 */
export async function loadScenario(path: string, overrides: Overrides = {}): Promise<LoadedScenario> {
  const text = await readText(path);
  return { scenario: applyOverrides(parseScenario(text, path), overrides), file: path, text };
}

/** The same of a scenario with `vary`. UsageError where there is none. */
export async function loadSweep(path: string, overrides: Overrides): Promise<LoadedSweep> {
  const text = await readText(path);
  const { scenarios, axes, rounds } = parseCells(text, path);
  refuseAxesGiven(axes, overrides);
  if (axes.length === 0) throw new UsageError(`${path} varies nothing`, 'add `vary`, or use thaw run');
  const cells = scenarios.map((scenario) => ({
    scenario: applyOverrides(scenario, overrides),
    file: path,
    text,
  }));
  return { axes, rounds, cells };
}

/** Which key of a scenario each option changes. */
const CHANGES: Partial<Record<keyof Overrides, string>> = {
  toolchain: 'toolchain',
  runc: 'toolchain',
  crun: 'toolchain',
  criu: 'toolchain',
  runtime: 'runtime',
  count: 'migration.count',
  warmUp: 'migration.warm-up',
  rate: 'probe.rate',
  seed: 'seed',
  testbed: 'testbed',
};

/** An option would make all values of an axis the same, and the cells would still be told by them. */
function refuseAxesGiven(axes: readonly Axis[], overrides: Overrides): void {
  for (const [option, key] of Object.entries(CHANGES) as [keyof Overrides, string][]) {
    if (overrides[option] === undefined) continue;
    const axis = axes.find((one) => one.key === key || one.key.startsWith(`${key}.`));
    if (axis === undefined) continue;
    const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(`${flag} would undo what this sweep varies: ${axis.key}`, `leave out ${flag}`);
  }
}

/** `file` is the path as the user gave it: errors begin with it, and relative paths start from it. */
export function parseScenario(text: string, file: string): Scenario {
  const { scenarios, axes } = parseCells(text, file);
  if (axes.length > 0) {
    const keys = axes.map(({ key }) => key).join(' and ');
    throw new UsageError(`${file} varies ${keys}: it is many scenarios`, 'use thaw sweep');
  }
  return scenarios[0] as Scenario;
}

function parseCells(text: string, file: string): { scenarios: Scenario[]; axes: Axis[]; rounds: number } {
  const parsed = parseYaml(text, file);
  const { axes, documents, mistakes } = expand(parsed.value, namesAt);
  parsed.refuse(mistakes);
  const checked = documents.map(({ value, placed }) => {
    const found = scenarioSchema.safeParse(value, { reportInput: true });
    const wrong = found.success ? [] : mistakesOf(found.error, namesAt);
    mistakes.push(...[...wrong, ...contradictions(value)].map(placed));
    return found;
  });
  parsed.refuse(mistakes);
  const written = checked.map((found) => {
    if (!found.success) throw new Error('a scenario was refused without telling why');
    return found.data;
  });
  const scenarios = written.map((data, i) => ({ ...toScenario(data, file), cell: documents[i]?.cell ?? {} }));
  return { scenarios, axes, rounds: (written[0] as Written).rounds };
}

/** The scenario as the command line changes it; UsageError for what cannot be. */
export function applyOverrides(scenario: Scenario, overrides: Overrides): Scenario {
  const { migration, probe } = scenario;
  const { count, warmUp, rate, seed, runtime, testbed, limits } = overrides;
  return {
    ...scenario,
    seed: within('--seed', seed, 0, 4_294_967_295) ?? scenario.seed,
    migration: {
      ...migration,
      count: within('--count', count, COUNT.min, COUNT.max) ?? migration.count,
      warmUp: within('--warm-up', warmUp, 0, 1_000) ?? migration.warmUp,
    },
    probe: { ...probe, ratePerSecond: within('--rate', rate, RATE.min, RATE.max) ?? probe.ratePerSecond },
    checks: limits === false ? { ...scenario.checks, limits: [] } : scenario.checks,
    testbed: testbed === undefined ? scenario.testbed : testbedNamed(testbed, scenario.testbed),
    toolchain: withToolchain(scenario, overrides),
    runtime: runtime ?? scenario.runtime,
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

async function readText(path: string): Promise<string> {
  const next = 'name a YAML file, such as scenarios/httpd.yaml';
  const refuse = (why: string): never => {
    throw new UsageError(`the scenario ${path} cannot be read: ${why}`, next);
  };
  try {
    // Without O_NONBLOCK the opening of a FIFO waits for a writer.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat();
    if (found.isDirectory()) return refuse('it is a directory');
    if (!found.isFile()) return refuse('it is not a regular file');
    if (found.size > SIZE_LIMIT) return refuse('it is larger than 1 MiB');
    return utf8(await file.readFile()) ?? refuse('it is not text (UTF-8)');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return refuse(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error),
    );
  }
}

/** Null where the bytes are not UTF-8, or hold a NUL. */
function utf8(bytes: Uint8Array): string | null {
  try {
    return bytes.includes(0) ? null : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
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
      throw new UsageError(`--toolchain: ${name} is no toolchain`, TOOLCHAINS);
    }
  }
  const all = Object.entries({ ...scenario.toolchain, ...byHost });
  return Object.fromEntries(all.map(([host, name]) => [host, withOwnParts(name, overrides)]));
}

/** A path is relative to the working directory. The last of two parts for one tool counts. */
function withOwnParts(name: string, overrides: Overrides): string {
  const own = TOOLS.flatMap((tool) => {
    const from = overrides[tool];
    return from === undefined ? [] : [{ tool, from: /^(host|debian:.*)$/.test(from) ? from : resolve(from) }];
  });
  const { base, parts } = splitToolchain(joinToolchain(name, own));
  return joinToolchain(base, parts);
}

/** What is well-formed and still cannot be. Looked for in what was written, whatever else is wrong with it. */
function contradictions(value: unknown): Mistake[] {
  const written = mappingOr<DeepPartial<Written>>(value, {});
  const bundle = mappingOr<DeepPartial<Written['bundle']> | null>(written.bundle, null);
  const migration = mappingOr<DeepPartial<Written['migration']>>(written.migration, {});
  // What is no mapping at all has been refused by the schema.
  if (bundle === null) return hostMistakes(written.toolchain, migration.path);
  return [
    ...strategyMistakes(migration),
    ...transferMistakes(migration),
    ...sabotageMistakes(migration),
    ...bundleMistakes(bundle),
    ...hostMistakes(written.toolchain, migration.path),
    ...shareMistakes(bundle),
    ...sizeMistakes(bundle, mappingOr(written.testbed, {})),
  ].concat(
    bundle['user-namespace'] === 'always' && migration.connections === 'established'
      ? [
          {
            path: ['migration', 'connections'],
            message:
              '`established` cannot be restored in a user namespace, and `bundle.user-namespace` is `always`',
          },
        ]
      : [],
  );
}

function strategyMistakes(migration: DeepPartial<Written['migration']>): Mistake[] {
  const { strategy = '' } = migration;
  if (migration['pre-dumps'] === undefined || ['pre-copy', 'hybrid'].includes(strategy)) return [];
  return [
    {
      path: ['migration', 'pre-dumps'],
      atKey: true,
      message: '`pre-dumps` is for `strategy: pre-copy` and `hybrid`',
    },
  ];
}

function transferMistakes(migration: DeepPartial<Written['migration']>): Mistake[] {
  const { strategy = 'stop-and-copy', transfer } = migration;
  if (transfer !== 'copy' || strategy === 'stop-and-copy') return [];
  return [
    {
      path: ['migration', 'transfer'],
      message: `\`transfer: copy\` is for \`stop-and-copy\`, not for \`${strategy}\``,
    },
  ];
}

function sabotageMistakes(migration: DeepPartial<Written['migration']>): Mistake[] {
  if (migration.sabotage !== 'older-image' || migration['image-directory'] === 'per-migration') return [];
  return [
    {
      path: ['migration', 'sabotage'],
      message: '`older-image` needs `image-directory: per-migration`, so that there is an older one',
    },
  ];
}

function mappingOr<T>(value: unknown, otherwise: T): T {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : otherwise;
}

type DeepPartial<T> = T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

function bundleMistakes(bundle: DeepPartial<Written['bundle']>): Mistake[] {
  const at = ['bundle'];
  const own = bundle.from !== undefined;
  if (own) {
    return [...GENERATED_KEYS, 'root']
      .filter((key) => key in bundle)
      .map((key) => ({
        path: [...at, key],
        atKey: true,
        message: `\`${key}\` is for a bundle that Thaw makes, and \`from\` names one of your own`,
      }));
  }
  if (bundle.root === undefined) {
    return [
      { path: at, message: '`bundle` needs `root` (Thaw makes the bundle) or `from` (one of your own)' },
    ];
  }
  const missing =
    bundle.args === undefined && bundle.counter === undefined
      ? [{ path: at, message: '`args` is missing: the command line' }]
      : [];
  if (bundle.args !== undefined && bundle.counter !== undefined) {
    missing.push({
      path: [...at, 'counter'],
      message: '`counter` is the command of the container, and `args` names another',
    });
  }
  const root = mappingOr<Record<string, unknown> | null>(bundle.root, null);
  if (root === null) return missing;
  const { path, debian, rpm } = root;
  const recipe = debian ?? rpm;
  if (path === undefined && recipe === undefined) {
    missing.push({ path: [...at, 'root'], message: '`root` needs `debian`, `rpm` or `path`' });
  }
  if (path !== undefined && recipe !== undefined) {
    missing.push({
      path: [...at, 'root', 'path'],
      message: '`path` and a recipe (`debian`, `rpm`) exclude each other',
    });
  }
  return missing;
}

function hostMistakes(toolchain: unknown, given: unknown): Mistake[] {
  const hosts: unknown[] = Array.isArray(given) ? given : ['rhel01', 'rhel02'];
  const path = hosts.filter((host) => typeof host === 'string');
  return Object.keys(mappingOr(toolchain, {}))
    .filter((host) => !path.includes(host))
    .map((host) => ({
      path: ['toolchain', host],
      atKey: true,
      message: `\`${host}\` is not in \`migration.path\`${nearest(host, path)}`,
    }));
}

function shareMistakes(bundle: DeepPartial<Written['bundle']>): Mistake[] {
  return Object.keys(mappingOr(bundle['host-files'], {}))
    .filter(isOnShare)
    .map((path) => ({
      path: ['bundle', 'host-files', path],
      atKey: true,
      message: `\`${path}\` lies on the share, where all hosts have the same file`,
    }));
}

function sizeMistakes(
  bundle: DeepPartial<Written['bundle']>,
  { kind = 'netns', share = '1GiB' }: Record<string, unknown>,
): Mistake[] {
  const memory = size.safeParse(mappingOr<Record<string, unknown>>(bundle.counter, {}).memory);
  const room = size.safeParse(share);
  if (kind !== 'netns' || !memory.success || !room.success || memory.data < room.data) return [];
  return [
    {
      path: ['bundle', 'counter', 'memory'],
      message: '`memory` does not fit into the share, where its images go; raise `testbed.share` above it',
    },
  ];
}

/** Names that are valid at a path of the schema: for `did you mean`. */
export function namesAt(path: readonly PropertyKey[]): string[] {
  let at: z.ZodType | undefined = scenarioSchema;
  for (const part of path) {
    at = bare(at);
    if (at instanceof z.ZodObject) at = at.shape[String(part)] as z.ZodType | undefined;
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else return [];
  }
  const end = bare(at);
  return end instanceof z.ZodObject ? Object.keys(end.shape) : [];
}

/** Without what is wrapped around an object: defaults, options, transformations, alternatives. */
function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
    return bare(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return bare(schema.in as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    return schema.options
      .map((option) => bare(option as z.ZodType))
      .find((option) => option instanceof z.ZodObject);
  }
  return schema;
}
