/** What a scenario could do without, one thing at a time: a failing one is made smaller by it. */

import { isMapping } from './vary.ts';
import { pathsOf, type ScenarioDocument, understood, without } from './write.ts';

export interface Simplification {
  /** Such as `without bundle.binds[0]` or `bundle.counter.memory: 16MiB`. */
  what: string;
  document: ScenarioDocument;
}

/** What says which run it is, or would have a root file system built anew. */
const KEPT = [
  'name',
  'why',
  'seed',
  'testbed',
  'toolchain',
  'runtime',
  'bundle.name',
  'bundle.from',
  'bundle.args',
];
const ROOT = 'bundle.root';

/** The largest first; each can be run. Empty where nothing is left that could go. */
export function simplifications(document: ScenarioDocument): Simplification[] {
  const all = [
    ...fewerMigrations(document),
    ...fewerKeys(document),
    ...fewerItems(document),
    ...smaller(document),
  ];
  return all.filter((one) => understood(one.document) !== null);
}

function fewerMigrations(document: ScenarioDocument): Simplification[] {
  const migration = isMapping(document.migration) ? document.migration : {};
  if (migration.count === 1 && migration['warm-up'] === 0) return [];
  const one = { ...document, migration: { ...migration, count: 1, 'warm-up': 0 } };
  return [{ what: 'one migration', document: one }];
}

function fewerKeys(document: ScenarioDocument): Simplification[] {
  return pathsOf(document)
    .filter((path) => !isKept(path.join('.')) && !isAlone(document, path))
    .flatMap((path) => withoutPath(document, path));
}

/** What is alone in a map goes with it. */
function isAlone(document: ScenarioDocument, path: readonly string[]): boolean {
  const above = path.slice(0, -1);
  const map = at(document, above);
  return !isKept(above.join('.')) && above.length > 0 && isMapping(map) && Object.keys(map).length === 1;
}

/** A root for the family of hosts that this testbed does not have is the only part of it that may go. */
function isKept(key: string): boolean {
  // By default there are more.
  if (['migration', 'migration.count', 'migration.warm-up'].includes(key)) return true;
  if (key === `${ROOT}.rpm` || key === `${ROOT}.debian`) return false;
  return [...KEPT, ROOT].some((kept) => key === kept || key.startsWith(`${kept}.`));
}

function fewerItems(document: ScenarioDocument): Simplification[] {
  return listsOf(document).flatMap(([path, list]) =>
    list.flatMap((_, index) => withoutPath(document, [...path, index])),
  );
}

/** All lists that may be shorter; what is left of a list of one is no list. */
function listsOf(document: ScenarioDocument): [string[], unknown[]][] {
  return pathsOf(document).flatMap((path): [string[], unknown[]][] => {
    const value = at(document, path);
    const kept = isKept(path.join('.')) || path.join('.').startsWith(ROOT) || path.at(-1) === 'path';
    return Array.isArray(value) && value.length > 1 && !kept ? [[path, value]] : [];
  });
}

/** What a counter or redis holds, by halves. */
function smaller(document: ScenarioDocument): Simplification[] {
  return ['counter', 'redis'].flatMap((kind) => halves(document, ['bundle', kind]));
}

function halves(document: ScenarioDocument, path: string[]): Simplification[] {
  const held = at(document, path);
  if (!isMapping(held)) return [];
  return Object.entries(held).flatMap(([key, value]): Simplification[] => {
    const [, number = '', unit = ''] = /^(\d+)(.*)$/.exec(String(value)) ?? [];
    const half = Math.floor(Number(number) / 2);
    if (half < 1) return [];
    const copy = structuredClone(document);
    const halved = unit === '' ? half : `${half}${unit}`;
    (at(copy, path) as ScenarioDocument)[key] = halved;
    return [{ what: `${[...path, key].join('.')}: ${halved}`, document: copy }];
  });
}

function withoutPath(document: ScenarioDocument, path: readonly (string | number)[]): Simplification[] {
  const shorter = without(document, path);
  if (shorter === null) return [];
  const told = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return [{ what: `without ${told.slice(1)}`, document: shorter }];
}

function at(document: ScenarioDocument, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, part) => (isMapping(value) ? value[part] : undefined), document);
}
