/**
 * What a bug report must not tell: keys, secrets, private addresses. Each becomes a placeholder, the same one wherever it
 * stands; addresses become ones that are kept for documentation, so that what is read by a program stays readable.
 */
import { type Kind, secretsIn } from './secrets.ts';

export interface Redactor {
  /** Looks for what is secret in any of the texts; first all are looked through, then each is redacted. */
  look(text: string): void;
  redact(text: string): string;
  /** How many different values of each kind were found, and how often they were replaced. */
  told(): { kind: string; values: number; replaced: number; example: string }[];
}

export function openRedactor(): Redactor {
  const found = new Map<string, { kind: Kind; instead: string; replaced: number }>();
  const numbers = new Map<Kind, number>();
  let pattern: RegExp | null = null;
  return {
    look(text) {
      for (const { kind, value } of secretsIn(text)) {
        if (found.has(value)) continue;
        const number = (numbers.get(kind) ?? 0) + 1;
        numbers.set(kind, number);
        const one = { kind, instead: insteadOf(kind, number), replaced: 0 };
        for (const form of formsOf(value)) if (!found.has(form)) found.set(form, one);
        pattern = null;
      }
    },
    redact(text) {
      if (found.size === 0) return text;
      pattern ??= patternOf([...found.keys()]);
      return text.replace(pattern, (value) => {
        const one = found.get(value);
        if (one === undefined) return value;
        one.replaced++;
        return one.instead;
      });
    },
    told() {
      return [...numbers].map(([kind, values]) => {
        const all = [...new Set(found.values())].filter((one) => one.kind === kind);
        const replaced = all.reduce((sum, one) => sum + one.replaced, 0);
        return { kind, values, replaced, example: all[0]?.instead ?? '' };
      });
    },
  };
}

/** As it stands in JSON, in JSON within JSON, and in YAML or a log. */
function formsOf(value: string): string[] {
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  const plain = unescaped(value);
  return [...new Set([value, plain, inJson(plain), inJson(inJson(plain))])];
}

function unescaped(value: string): string {
  try {
    return JSON.parse(`"${value}"`) as string;
  } catch {
    return value;
  }
}

/**
 * All values, each not in the midst of a longer word or number. Those that are words stand in one group in order, of which
 * the engine makes a tree: thousands cost little more than one.
 */
function patternOf(values: readonly string[]): RegExp {
  // Of two that begin alike the longer comes first: an address may be the beginning of another.
  const ordered = values.toSorted().reverse();
  const isWord = (value: string): boolean => /^\w/.test(value) && /\w$/.test(value);
  const others = ordered.filter((value) => !isWord(value)).map(bounded);
  const words = ordered.filter(isWord).map(escaped);
  return new RegExp(
    [...others, ...(words.length > 0 ? [`(?<!\\w)(?:${words.join('|')})(?!\\w)`] : [])].join('|'),
    'g',
  );
}

function bounded(value: string): string {
  return `${/^\w/.test(value) ? '(?<!\\w)' : ''}${escaped(value)}${/\w$/.test(value) ? '(?!\\w)' : ''}`;
}

function escaped(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** RFC 5737 and RFC 3849 keep these addresses for documentation. */
function insteadOf(kind: Kind, number: number): string {
  const low = ((number - 1) % 254) + 1;
  const high = Math.floor((number - 1) / 254);
  switch (kind) {
    case 'IPv4 address':
      return `${['192.0.2', '198.51.100', '203.0.113'][high % 3]}.${low}`;
    case 'IPv6 address':
      return `2001:db8::${number.toString(16)}`;
    case 'MAC address':
      return `02:00:00:00:${high.toString(16).padStart(2, '0').slice(-2)}:${low.toString(16).padStart(2, '0')}`;
    case 'user name':
      return `user-${number}`;
    default:
      return `REDACTED-${kind.replace(' ', '-')}-${number}`;
  }
}
