/** `vary` of a scenario as it is written → one document for each cell: every combination of the values. */
import { stringify } from 'yaml';
import { count } from '../counted.ts';
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
const EXAMPLE = 'bundle.counter.memory: [64MiB, 256MiB]';
/** Keys of which each cell must have the same: they say what the sweep is. */
const FIXED = ['name', 'why', 'seed', 'vary', 'rounds'];

/** A value that a key takes. */
export interface Choice {
  key: string;
  one: unknown;
  /** Where the value stands in its file. */
  at: readonly PropertyKey[];
}

type NamesAt = (path: readonly string[]) => string[];

/** One document, unchanged, where nothing varies or `vary` is not what it must be. `namesAt`: keys of the schema. */
export function expand(value: unknown, namesAt: NamesAt): Expanded {
  const written = isMapping(value) ? value : {};
  const asItIs = { value, cell: {}, placed: (mistake: Mistake) => mistake };
  const alone = (mistakes: Mistake[]): Expanded => ({ axes: [], documents: [asItIs], mistakes });
  const { vary } = written;
  if (vary === undefined) return alone([]);
  if (!isMapping(vary)) {
    return alone([{ path: ['vary'], message: '`vary` must be a map from key to list of values' }]);
  }
  if (Object.keys(vary).length === 0) {
    return alone([{ path: ['vary'], message: `\`vary\` has no key; write one, such as \`${EXAMPLE}\`` }]);
  }
  const mistakes = axesMistakes(vary, 'vary', { written, namesAt });
  if (mistakes.length > 0) return alone(mistakes);
  return {
    axes: axesOf(vary),
    documents: combinations(vary, 'vary').map((chosen) => documentOf(written, chosen)),
    mistakes: [],
  };
}

/** What is wrong with axes that stand below the key `at`; their values are checked with the scenario. */
export function axesMistakes(
  axes: Record<string, unknown>,
  at: string,
  context: { written: Record<string, unknown>; namesAt: NamesAt },
): Mistake[] {
  const choices = Object.entries(axes);
  const mistakes = choices.flatMap(([key, values]) => axisMistakes(key, values, { ...context, at, choices }));
  if (mistakes.length > 0) return mistakes;
  const cells = choices.reduce((product, [, values]) => product * (values as unknown[]).length, 1);
  return cells > CELLS_AT_MOST
    ? [
        {
          path: [at],
          message: `\`${at}\` makes ${count(cells)} cells; at most ${count(CELLS_AT_MOST)} can be`,
        },
      ]
    : [];
}

export function axesOf(axes: Record<string, unknown>): Axis[] {
  return Object.entries(axes).map(([key, values]) => ({ key, values: (values as unknown[]).map(shown) }));
}

/** Every combination of the values of the axes, which stand below the key `at`; one, of nothing, where there are none. */
export function combinations(axes: Record<string, unknown>, at: string): Choice[][] {
  const lists = Object.entries(axes).map(([key, values]) =>
    (values as unknown[]).map((one, index): Choice => ({ key, one, at: [at, key, index] })),
  );
  return lists.reduce<Choice[][]>(
    (all, list) => all.flatMap((chosen) => list.map((choice) => [...chosen, choice])),
    [[]],
  );
}

/** What is wrong with a key that a scenario is to take a value at; null: nothing. `at`: where the key stands. */
export function keyMistake(
  key: string,
  at: readonly PropertyKey[],
  { written, namesAt }: { written: Record<string, unknown>; namesAt: NamesAt },
): Mistake | null {
  const told = (message: string): Mistake => ({ path: at, atKey: true, message });
  const parts = key.split('.');
  if (FIXED.includes(parts[0] as string)) return told(`\`${key}\` cannot vary`);
  const hosts = hostsOf(written);
  for (const [i, part] of parts.entries()) {
    const above = parts.slice(0, i);
    // Below `toolchain` the keys are those of the user's own hosts.
    const known = above.join('.') === 'toolchain' ? hosts : namesAt(above);
    const names = known.filter((name) => i > 0 || !FIXED.includes(name));
    if (names.includes(part)) continue;
    const wrong = [...above, part].join('.');
    const near = nearest(
      wrong,
      names.map((name) => [...above, name].join('.')),
    );
    // Nor is a key below a map of the user's own: there is nothing to check it against.
    return told(`\`${key}\` is no key of a scenario that can vary${near}`);
  }
  return null;
}

function hostsOf({ migration }: Record<string, unknown>): string[] {
  const path = isMapping(migration) ? migration.path : undefined;
  return Array.isArray(path) ? path.filter((host) => typeof host === 'string') : [...DEFAULT_PATH];
}

/** `written` with these values; `fixed` are set, too, and are not what tells the cell from others. */
export function documentOf(
  written: Record<string, unknown>,
  chosen: readonly Choice[],
  fixed: readonly Choice[] = [],
): CellDocument {
  const value = structuredClone(written);
  const all = [...fixed, ...chosen];
  for (const { key, one } of all) put(value, key.split('.'), structuredClone(one));
  return {
    value,
    cell: Object.fromEntries(chosen.map(({ key, one }) => [key, shown(one)])),
    placed(mistake) {
      const by = all.findLast(({ key }) => key.split('.').every((part, i) => mistake.path[i] === part));
      if (by === undefined) return mistake;
      const rest = mistake.path.slice(by.key.split('.').length);
      return { ...mistake, path: [...by.at, ...rest], atKey: rest.length > 0 && mistake.atKey === true };
    },
  };
}

function axisMistakes(
  key: string,
  values: unknown,
  {
    at,
    choices,
    ...context
  }: {
    at: string;
    choices: readonly [string, unknown][];
    written: Record<string, unknown>;
    namesAt: NamesAt;
  },
): Mistake[] {
  const path = [at, key];
  const wrong = keyMistake(key, path, context);
  if (wrong !== null) return [wrong];
  if (choices.some(([other]) => other !== key && `${key}.`.startsWith(`${other}.`))) {
    return [{ path, atKey: true, message: `\`${key}\` is part of another key that varies` }];
  }
  if (!Array.isArray(values) || values.length === 0) {
    return [{ path, message: `\`${key}\` must have a list of values, with at least one` }];
  }
  const twice = values.findIndex((one, i) => values.findIndex((other) => shown(other) === shown(one)) < i);
  if (twice === -1) return [];
  return [{ path: [...path, twice], message: `${shown(values[twice])} is there twice` }];
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

/** As a cell is told by it, and as it may be written: `16MiB`, `{kept: 8}`. */
export function shown(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
