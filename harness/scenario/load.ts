/** A scenario file → Scenario. All mistakes are told at once, each with its place in the file. */
import { UsageError } from '../errors.ts';
import type { Scenario } from '../model.ts';
import { checkDocument, namesAt, requireValid } from './check.ts';
import { applyOverrides, type Overrides, refuseAxesGiven } from './overrides.ts';
import { isSuite, parseYaml } from './parse.ts';
import { readText } from './text.ts';
import { type Axis, expand } from './vary.ts';

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
  if (isSuite(parsed.value)) {
    throw new UsageError(`${file} is a suite: many scenarios`, 'use thaw suite, or thaw plan');
  }
  const { axes, documents, mistakes } = expand(parsed.value, namesAt);
  parsed.refuse(mistakes);
  const checked = documents.map((document) => checkDocument(document, file));
  parsed.refuse(checked.flatMap((one) => one.mistakes));
  const all = checked.map(requireValid);
  return { axes, scenarios: all.map(({ scenario }) => scenario), rounds: all[0]?.rounds ?? 1 };
}
