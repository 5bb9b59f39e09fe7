/** `vary` of a scenario as it is written → one document for each cell: every combination of the values. */
import { DEFAULT_PATH } from './leaves.ts';
import { type Mistake, nearest } from './parse.ts';

/** One key that varies, and its values as they are shown. */
export interface Axis {
  key: string;
  values: string[];
}

/** The scenario of one cell, as if it had been written so. */
export interface CellDocument {
  value: unknown;
  cell: Record<string, string>;
  /** A mistake in it, at its place in the file: where a value came from `vary`, there. */
  placed(mistake: Mistake): Mistake;
}

export interface Expanded {
  axes: Axis[];
  documents: CellDocument[];
  mistakes: Mistake[];
}

const CELLS_AT_MOST = 10_000;
/** Keys of which each cell must have the same: they say what the sweep is. */
const FIXED = ['name', 'why', 'seed', 'vary', 'rounds'];

/** One document, unchanged, where nothing varies or `vary` is not what it must be. `namesAt`: keys of the schema. */
export function expand(value: unknown, namesAt: (path: readonly string[]) => string[]): Expanded {
  const written = isMapping(value) ? value : {};
  const asItIs = { value, cell: {}, placed: (mistake: Mistake) => mistake };
  const alone = (mistakes: Mistake[]): Expanded => ({ axes: [], documents: [asItIs], mistakes });
  const { vary } = written;
  if (vary === undefined) return alone([]);
  if (!isMapping(vary) || Object.keys(vary).length === 0) {
    return alone([{ path: ['vary'], message: '`vary` must be a map from key to list of values' }]);
  }
  const choices = Object.entries(vary);
  const hosts = hostsOf(written);
  // Below `toolchain` the keys are those of the user's own hosts.
  const names = (path: readonly string[]) => (path.join('.') === 'toolchain' ? hosts : namesAt(path));
  const mistakes = choices.flatMap(([key, values]) => axisMistakes(key, values, choices, names));
  if (mistakes.length > 0) return alone(mistakes);
  const lists = choices.map(([key, values]) =>
    (values as unknown[]).map((one, index) => ({ key, one, index })),
  );
  const count = lists.reduce((product, list) => product * list.length, 1);
  if (count > CELLS_AT_MOST) {
    return alone([
      { path: ['vary'], message: `\`vary\` makes ${count} cells; at most ${CELLS_AT_MOST} can be` },
    ]);
  }
  const combinations = lists.reduce<Choice[][]>(
    (all, list) => all.flatMap((chosen) => list.map((choice) => [...chosen, choice])),
    [[]],
  );
  return {
    axes: choices.map(([key, values]) => ({ key, values: (values as unknown[]).map(shown) })),
    documents: combinations.map((chosen) => documentOf(written, chosen)),
    mistakes: [],
  };
}

function hostsOf({ migration }: Record<string, unknown>): string[] {
  const path = isMapping(migration) ? migration.path : undefined;
  return Array.isArray(path) ? path.filter((host) => typeof host === 'string') : [...DEFAULT_PATH];
}

interface Choice {
  key: string;
  one: unknown;
  index: number;
}

function documentOf(written: Record<string, unknown>, chosen: readonly Choice[]): CellDocument {
  const value = structuredClone(written);
  for (const { key, one } of chosen) put(value, key.split('.'), structuredClone(one));
  return {
    value,
    cell: Object.fromEntries(chosen.map(({ key, one }) => [key, shown(one)])),
    placed(mistake) {
      const at = chosen.find(({ key }) => key.split('.').every((part, i) => mistake.path[i] === part));
      if (at === undefined) return mistake;
      const rest = mistake.path.slice(at.key.split('.').length);
      return {
        ...mistake,
        path: ['vary', at.key, at.index, ...rest],
        atKey: rest.length > 0 && mistake.atKey === true,
      };
    },
  };
}

function axisMistakes(
  key: string,
  values: unknown,
  choices: readonly [string, unknown][],
  namesAt: (path: readonly string[]) => string[],
): Mistake[] {
  const at = { path: ['vary', key], atKey: true };
  const parts = key.split('.');
  if (FIXED.includes(parts[0] as string)) return [{ ...at, message: `\`${key}\` cannot vary` }];
  for (const [i, part] of parts.entries()) {
    const above = parts.slice(0, i);
    const names = namesAt(above).filter((name) => i > 0 || !FIXED.includes(name));
    if (names.includes(part)) continue;
    const known = names.map((name) => [...above, name].join('.'));
    const wrong = [...above, part].join('.');
    // Nor is a key below a map of the user's own: there is nothing to check it against.
    return [{ ...at, message: `\`${key}\` is no key of a scenario that can vary${nearest(wrong, known)}` }];
  }
  if (choices.some(([other]) => other !== key && `${key}.`.startsWith(`${other}.`))) {
    return [{ ...at, message: `\`${key}\` is part of another key that varies` }];
  }
  if (!Array.isArray(values) || values.length === 0) {
    return [{ path: at.path, message: `\`${key}\` must have a list of values, with at least one` }];
  }
  const twice = values.findIndex((one, i) => values.findIndex((other) => shown(other) === shown(one)) < i);
  if (twice === -1) return [];
  return [{ path: [...at.path, twice], message: `${shown(values[twice])} is there twice` }];
}

function put(
  target: Record<string, unknown>,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const below = target[first];
  const next = isMapping(below) ? below : {};
  target[first] = next;
  put(next, rest, value);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
