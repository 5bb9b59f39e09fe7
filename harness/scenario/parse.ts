/** YAML text → checked values, with every mistake told at once: file:line:column, the line, the nearest name. */
import { distance } from 'fastest-levenshtein';
import { isNode, isPair, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.ts';

export interface Mistake {
  /** Keys and indices that lead to it. */
  path: readonly PropertyKey[];
  message: string;
  /** Whether the key itself is meant, not its value. */
  atKey?: boolean;
}

/** A parsed file: its value, and where in the text each part of it stands. */
export interface Parsed {
  value: unknown;
  /** Throws a UsageError that tells all mistakes; returns where there are none. */
  refuse(mistakes: readonly Mistake[]): void;
}

// A scenario needs no aliases to speak of; thousands of them are a bomb.
const ALIAS_LIMIT = 50;

/** Parses one YAML document. UsageError for syntax, duplicate keys, or bombs. */
export function parseYaml(text: string, file: string): Parsed {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: true,
    version: '1.2',
  });
  const place = (offset: number): Place => placeOf(offset, text, lineCounter);
  if (document.errors.length > 0) {
    const told = document.errors.map((error) => show(file, place(error.pos[0]), error.message));
    throw new UsageError(told.join('\n'), 'mend the YAML; nothing was run');
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIAS_LIMIT });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be expanded: ${what}`, 'write it without aliases');
  }
  return {
    value,
    refuse(mistakes) {
      if (mistakes.length === 0) return;
      const told = mistakes
        .map((mistake) => ({ mistake, at: place(offsetOf(document.contents, mistake)) }))
        .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
        .map(({ mistake, at }) => show(file, at, mistake.message));
      throw new UsageError([...new Set(told)].join('\n'), 'mend the scenario; nothing was run');
    },
  };
}

/** Mistakes that zod found, in words, with the nearest valid name where a name is unknown. */
export function mistakesOf(error: z.ZodError, names: (path: readonly PropertyKey[]) => string[]): Mistake[] {
  return error.issues.flatMap((issue) => translate(issue, names));
}

type Issue = z.core.$ZodIssue;

function translate(issue: Issue, names: (path: readonly PropertyKey[]) => string[]): Mistake[] {
  const { path } = issue;
  const given = issue.input === undefined ? '' : `, not ${quote(issue.input)}`;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        atKey: true,
        message: `there is no \`${key}\` here${nearest(key, names(path))}`,
      }));
    case 'invalid_value': {
      const values = issue.values.map(String);
      return [
        {
          path,
          message: `${subject(path)}must be ${values.join(' or ')}${given}${nearest(String(issue.input), values)}`,
        },
      ];
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({
        path,
        atKey: true,
        message: `\`${String(path.at(-1))}\` ${message}`,
      }));
    case 'invalid_union': {
      const inner = closest(issue, names);
      return inner.length > 0 ? inner : [{ path, message: `${subject(path)}${issue.message}${given}` }];
    }
    default: {
      if (issue.input === undefined) return [{ path, message: `\`${String(path.at(-1))}\` is missing` }];
      const said =
        issue.message.startsWith('must') || issue.message.startsWith('needs') ? issue.message : plain(issue);
      return [{ path, message: `${subject(path)}${said}${given}` }];
    }
  }
}

/** `rate `; nothing for an item of a list, which stands under its own caret. */
function subject(path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  return typeof last === 'string' ? `\`${last}\` ` : '';
}

function plain(issue: Issue): string {
  return issue.code === 'invalid_type' ? `must be ${article(issue.expected)}` : issue.message;
}

/** Of the ways in which a value could have been meant, the one that was meant: where something deeper is wrong. */
function closest(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  names: (path: readonly PropertyKey[]) => string[],
): Mistake[] {
  const ways = issue.errors.map((issues) =>
    issues.map((i) => ({ ...i, path: [...issue.path, ...i.path] }) as Issue),
  );
  const deeper = ways.filter((way) =>
    way.every(({ path, code }) => path.length > issue.path.length || code === 'unrecognized_keys'),
  );
  return (deeper[0] ?? []).flatMap((inner) => translate(inner, names));
}

function article(expected: string): string {
  const words: Record<string, string> = {
    string: 'a text',
    int: 'a whole number',
    number: 'a number',
    boolean: '`true` or `false`',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  };
  return words[expected] ?? expected;
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return `\`${text.length > 60 ? `${text.slice(0, 57)}…` : text}\``;
}

/** `, did you mean …?` where a valid name is near enough to be what was meant. */
export function nearest(given: string, valid: readonly string[]): string {
  const [best] = valid
    .map((name) => ({ name, far: distance(given, name) }))
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name));
  if (best === undefined || best.far > Math.max(2, given.length / 2)) {
    return valid.length > 0 && valid.length <= 12 ? `; known are ${[...valid].sort().join(', ')}` : '';
  }
  return `; did you mean \`${best.name}\`?`;
}

interface Place {
  line: number;
  column: number;
  source: string;
}

function placeOf(offset: number, text: string, counter: LineCounter): Place {
  const { line, col } = counter.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1), source: text.split('\n')[line - 1] ?? '' };
}

function show(file: string, { line, column, source }: Place, message: string): string {
  const shown = source.replace(/\t/g, ' ').slice(0, 100);
  return `${file}:${line}:${column}: ${message}\n    ${shown}\n    ${' '.repeat(Math.min(column, 100) - 1)}^`;
}

/** Where a mistake stands: its node, or the nearest one above that is there. */
function offsetOf(root: Node | null, { path, atKey }: Mistake): number {
  for (let length = path.length; length > 0; length--) {
    const found = find(root, path.slice(0, length));
    if (found === null) continue;
    const node = (atKey && length === path.length) || !isNode(found.value) ? found.key : found.value;
    return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
  }
  return root?.range?.[0] ?? 0;
}

/** The pair (or item) at a path. */
function find(root: Node | null, path: readonly PropertyKey[]): { key: unknown; value: unknown } | null {
  let found: { key: unknown; value: unknown } | null = null;
  if (root === null) return null;
  visit(root, {
    Pair: (_, pair, ancestors) => {
      if (equal(pathOf(pair, ancestors as unknown[]), path)) {
        found = { key: pair.key, value: pair.value };
        return visit.BREAK;
      }
      return undefined;
    },
    Node: (key, node, ancestors) => {
      if (typeof key === 'number' && equal([...pathOf(null, ancestors as unknown[]), key], path)) {
        found = { key: node, value: node };
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return found;
}

function pathOf(last: Pair | null, ancestors: readonly unknown[]): PropertyKey[] {
  const path: PropertyKey[] = [];
  ancestors.forEach((ancestor, i) => {
    if (isPair(ancestor)) path.push(keyText(ancestor));
    const next = ancestors[i + 1] ?? last;
    const items = (ancestor as { items?: unknown[] }).items;
    if (Array.isArray(items) && !isPair(next) && next !== null && next !== undefined)
      path.push(items.indexOf(next));
  });
  if (last !== null) path.push(keyText(last));
  return path;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function equal(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  return a.length === b.length && a.every((part, i) => String(part) === String(b[i]));
}
