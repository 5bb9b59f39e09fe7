/** YAML text → checked values, with every mistake told at once: file:line:column, the line, the nearest name. */
import {
  type Alias,
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { z } from 'zod';
import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { bombIn } from './bomb.ts';

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
// More than anybody mends in one go; a file of nothing but mistakes must not take minutes to refuse.
const TOLD_LIMIT = 100;

/** Parses one YAML document. UsageError for syntax, duplicate keys, or bombs. */
export function parseYaml(text: string, file: string): Parsed {
  const place = placesOf(text);
  const bomb = bombIn(text);
  if (bomb !== null) {
    throw new UsageError(show(file, place(bomb.offset), bomb.message), 'write it shorter; nothing was run');
  }
  const document = parseDocument(text, {
    prettyErrors: false,
    uniqueKeys: false,
    version: '1.2',
    logLevel: 'error',
  });
  const faults = withoutEchoes([...document.errors, ...document.warnings]);
  const told = [...faults.map(faultOf), ...keyFaults(document), ...circles(document)].slice(0, TOLD_LIMIT);
  if (told.length > 0) {
    const shown = told.map(({ offset, message }) => show(file, place(offset), message));
    throw new UsageError(shown.join('\n'), 'mend the YAML; nothing was run');
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIAS_LIMIT });
  } catch (error) {
    const { offset, message } = aliasFault(document, error);
    throw new UsageError(show(file, place(offset), message), 'write it without aliases');
  }
  return {
    value,
    refuse(mistakes) {
      if (mistakes.length === 0) return;
      const more =
        mistakes.length > TOLD_LIMIT ? [`and ${counted(mistakes.length - TOLD_LIMIT, 'more mistake')}`] : [];
      const told = mistakes
        .slice(0, TOLD_LIMIT)
        .map((mistake) => ({ mistake, at: place(offsetOf(document.contents, mistake)) }))
        .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
        .map(({ mistake, at }) => show(file, at, mistake.message));
      throw new UsageError([...new Set(told), ...more].join('\n'), 'mend the file; nothing was run');
    },
  };
}

interface Fault {
  offset: number;
  message: string;
}

/** After one token that nothing was expecting, most that follow are unexpected too. */
function withoutEchoes(errors: readonly YAMLError[]): YAMLError[] {
  const first = errors.find(({ code }) => code === 'UNEXPECTED_TOKEN');
  return errors.filter((error) => error.code !== 'UNEXPECTED_TOKEN' || error === first);
}

function faultOf({ code, message, pos }: YAMLError): Fault {
  const several = 'a scenario is one YAML document, and here another begins';
  return { offset: pos[0], message: code === 'MULTIPLE_DOCS' ? several : message };
}

/**
 * Keys that are there twice (yaml's own look for them takes minutes for a large file), and `__proto__`, which zod
 * passes over where a map may have any key: nothing is dropped without a word.
 */
function keyFaults(document: Document): Fault[] {
  const found: Fault[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<string>();
      for (const pair of items) {
        const key = keyText(pair);
        const offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? 0;
        if (key === '__proto__') found.push({ offset, message: '`__proto__` cannot be a key' });
        if (seen.has(key)) found.push({ offset, message: `${quote(key)} is there twice` });
        seen.add(key);
      }
    },
  });
  return found;
}

/** Aliases within what they stand for: a value that contains itself has no end for whoever walks it. */
function circles(document: Document): Fault[] {
  const found: Fault[] = [];
  visit(document, {
    Alias: (_, alias, above) => {
      if (!above.some((one) => isCollection(one) && one.anchor === alias.source)) return;
      // Nearer ones of the same name go before those above.
      const meant = alias.resolve(document);
      if (!above.some((one) => one === meant)) return;
      const message = `\`*${alias.source}\` is part of what it stands for, and nothing can contain itself`;
      found.push({ offset: alias.range?.[0] ?? 0, message });
    },
  });
  return found;
}

/** `toJS` fails for aliases alone: one that stands for nothing, or too many. */
function aliasFault(document: Document, error: unknown): Fault {
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias) });
  const lost = aliases.find((alias) => alias.resolve(document) === undefined);
  const at = (alias: Alias): number => alias.range?.[0] ?? 0;
  if (lost !== undefined) {
    return { offset: at(lost), message: `\`*${lost.source}\` stands for nothing that comes before it` };
  }
  const [first] = aliases;
  if (first === undefined) throw error;
  return { offset: at(first), message: `aliases expand to too much: at most ${ALIAS_LIMIT} are followed` };
}

/** A file of scenarios, and not one itself. */
export function isSuite(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'suite' in value;
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
        message: `there is no ${quote(key)} here${nearest(key, names(path))}`,
      }));
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof issue.input === 'string' ? nearest(issue.input, values) : '';
      return [
        {
          path,
          message: `${subject(path)}must be ${values.join(' or ')}${given}${near}`,
        },
      ];
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({
        path,
        atKey: true,
        message: `${quote(path.at(-1))} ${message}`,
      }));
    case 'invalid_union': {
      const inner = closest(issue, names);
      return inner.length > 0 ? inner : [{ path, message: `${subject(path)}${issue.message}${given}` }];
    }
    // Thaw's own rules say what is wrong with the value that the line shows.
    case 'custom':
      return [
        { path, message: `${subject(path)}${issue.message}${typeof issue.input === 'string' ? given : ''}` },
      ];
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
  return typeof last === 'string' ? `${quote(last)} ` : '';
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
  const [meant] = deeper.sort((a, b) => strangeness(a, issue.path) - strangeness(b, issue.path));
  return (meant ?? []).flatMap((inner) => translate(inner, names));
}

/** How many keys of the value stand against having been meant so; an unknown one a little more than a wrong one. */
function strangeness(way: readonly Issue[], { length }: readonly PropertyKey[]): number {
  const unknown = way.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const wrong = way.filter(({ path }) => path.length > length).map(({ path }) => String(path[length]));
  return new Set([...unknown, ...wrong]).size + (unknown.length > 0 ? 0.5 : 0);
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
  const text = typeof value === 'string' ? value : json(value);
  return `\`${text.length > 60 ? `${text.slice(0, 57)}…` : text}\``;
}

function json(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export { nearest };

interface Place {
  line: number;
  column: number;
  source: string;
}

/** Lines end at `\n` alone, as editors count them; yaml's own counter goes wrong after a lone `\r`. */
function placesOf(text: string): (offset: number) => Place {
  const lines = text.split('\n');
  return (offset) => {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    return { line, column: before.length - before.lastIndexOf('\n'), source: lines[line - 1] ?? '' };
  };
}

function show(file: string, { line, column, source }: Place, message: string): string {
  // Of a long line the stretch around the place.
  const from = Math.max(0, column - 80);
  const shown = source
    .slice(from, from + 100)
    .replace(/\t/g, ' ')
    .trimEnd();
  return `${file}:${line}:${column}: ${message}\n    ${shown}\n    ${' '.repeat(column - 1 - from)}^`;
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

/** The pair (or item) at a path; null where it leads through an alias or to what is not there. */
function find(root: Node | null, path: readonly PropertyKey[]): { key: unknown; value: unknown } | null {
  let found: { key: unknown; value: unknown } = { key: root, value: root };
  for (const part of path) {
    const next = childOf(found.value, String(part));
    if (next === undefined) return null;
    found = next;
  }
  return found;
}

function childOf(node: unknown, part: string): { key: unknown; value: unknown } | undefined {
  if (isMap(node)) return node.items.find((pair) => keyText(pair) === part);
  const item: unknown = isSeq(node) ? node.items[Number(part)] : undefined;
  return item === undefined ? undefined : { key: item, value: item };
}

/** The key as `toJS` makes it. */
function keyText({ key }: Pair): string {
  if (!isScalar(key)) return String(key);
  return key.value === null ? '' : String(key.value);
}
