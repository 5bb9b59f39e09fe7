/** Decides the toolchain of each host. `auto` is the newest that dumps and restores on this very kernel. */
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { Family, HostName, RuntimeName, Scenario, ToolchainFacts } from '../model.ts';
import { joinToolchain, splitToolchain } from '../runtime/parts.ts';
import { AUTO_SUITES, installedHere, type ToolchainRoot, toolchainRoot } from '../runtime/toolchain.ts';
import { isRpmFamily } from './facts.ts';
import { type ToolchainContext, type Trial, tried } from './trial.ts';

export interface ChosenToolchain {
  facts: ToolchainFacts;
  root: string;
  /** What lies above it in a host's file system; null: nothing. */
  over: string | null;
  /** Which packages its root file system is made of. */
  family: Family;
  /** `criu check --feature NAME` on this kernel, by name. */
  features: Record<string, boolean>;
}

/** One toolchain for each host of the scenario; each distinct name is tried once. */
export async function chooseToolchains(
  { toolchain: wanted, runtime }: Pick<Scenario, 'toolchain' | 'runtime'>,
  context: ToolchainContext,
): Promise<Map<HostName, ChosenToolchain>> {
  const byName = new Map<string, ChosenToolchain>();
  const chosen = new Map<HostName, ChosenToolchain>();
  for (const [host, name] of Object.entries(wanted)) {
    const toolchain = byName.get(name) ?? (await choose(name, runtime, context));
    byName.set(name, toolchain);
    chosen.set(host, toolchain);
  }
  return chosen;
}

/** `auto` as what it comes to, with the parts that are named after it; any other name as it is. */
export async function nameOfAuto(name: string, context: ToolchainContext): Promise<string> {
  const { base, parts } = splitToolchain(name);
  if (base !== 'auto') return name;
  return joinToolchain((await choose('auto', 'runc', context)).facts.name, parts);
}

async function choose(
  name: string,
  runtime: RuntimeName,
  context: ToolchainContext,
): Promise<ChosenToolchain> {
  const { base, parts } = splitToolchain(name);
  if (base === 'auto' && parts.length > 0) {
    const { facts } = await choose('auto', runtime, context);
    return choose(joinToolchain(facts.name, parts), runtime, context);
  }
  if (name !== 'auto') {
    const root = await toolchainRoot(name, context);
    const trial = await tried(root, context);
    const missing = lacks(trial, runtime);
    if (missing !== null) {
      throw new EnvironmentError(
        `${name} has no ${missing}: ${trial.why}`,
        'choose another toolchain, or `auto`',
      );
    }
    // The user named it, so it is used even where the trial failed: to see it fail may be the point.
    const because = trial.works
      ? 'named in the scenario'
      : `named in the scenario, though its trial failed: ${trial.why}`;
    return {
      root: root.root,
      over: root.over,
      family: await familyOf(root.root),
      features: trial.features,
      facts: factsOf(root, trial, runtime, because),
    };
  }
  const refused: string[] = [];
  for (const candidate of await candidates()) {
    const root = await toolchainRoot(candidate, context);
    const trial = await tried(root, context);
    const missing = lacks(trial, runtime);
    if (trial.works && missing === null) {
      const others = refused.length > 0 ? `; not taken: ${refused.join('; ')}` : '';
      return {
        root: root.root,
        over: root.over,
        family: await familyOf(root.root),
        features: trial.features,
        facts: factsOf(
          root,
          trial,
          runtime,
          `the newest that dumped and restored a listening process here${others}`,
        ),
      };
    }
    const why = trial.works ? `it has no ${missing}` : trial.why;
    const { criu } = trial.versions;
    refused.push(`${candidate} (CRIU ${criu}): ${why}`);
    context.announce(`toolchain ${candidate} (CRIU ${criu}) does not work on this kernel: ${why}`);
  }
  throw new EnvironmentError(
    `no toolchain dumps and restores a listening process on kernel ${release()}:\n  ${refused.join('\n  ')}`,
    'run `thaw doctor`, or name a toolchain of your own with `toolchain: path:/DIRECTORY`',
  );
}

async function familyOf(root: string): Promise<Family> {
  const osRelease = await readFile(join(root, 'etc/os-release'), 'utf8').catch(() => '');
  return isRpmFamily(osRelease) ? 'rpm' : 'debian';
}

async function candidates(): Promise<string[]> {
  const here = (await installedHere()) ? ['host'] : [];
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const debian = /^ID(_LIKE)?=.*debian/m.test(osRelease) ? AUTO_SUITES.map((suite) => `debian:${suite}`) : [];
  const all = [...debian, ...here];
  if (all.length > 0) return all;
  throw new EnvironmentError(
    'this machine has neither runc and CRIU nor a Debian mirror',
    'install them: dnf install runc criu',
  );
}

function lacks({ versions }: Trial, runtime: RuntimeName): string | null {
  if (versions.criu === 'unknown') return 'CRIU';
  return versions[runtime] === 'unknown' ? runtime : null;
}

function factsOf(
  root: ToolchainRoot,
  { versions }: Trial,
  runtime: RuntimeName,
  because: string,
): ToolchainFacts {
  const { name, digest } = root;
  return {
    name,
    runtime: { name: runtime, version: versions[runtime] },
    criu: versions.criu,
    digest,
    because,
  };
}
