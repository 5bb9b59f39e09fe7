/**
 * What a bug report must not tell: keys, secrets, private addresses. Each becomes a placeholder, the same one wherever it
 * stands; addresses become ones that are kept for documentation, so that what is read by a program stays readable.
 */

export interface Redactor {
  /** Looks for what is secret in any of the texts; first all are looked through, then each is redacted. */
  look(text: string): void;
  redact(text: string): string;
  /** How many different values of each kind were found, and how often they were replaced. */
  told(): { kind: string; values: number; replaced: number; example: string }[];
}

type Kind =
  | 'private key'
  | 'public key'
  | 'secret'
  | 'IPv4 address'
  | 'IPv6 address'
  | 'MAC address'
  | 'user name';

const NAMED =
  '[\\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie)[\\w.-]*';

/** The first group is the value; without one, all of it. */
const PATTERNS: readonly [Kind, RegExp][] = [
  ['private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g],
  ['public key', /\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-[\w-]+) (AAAA[A-Za-z0-9+/=]{16,})/g],
  [
    'secret',
    new RegExp(`${NAMED}\\\\?["']?\\s*[=:]\\s*\\\\?["']?(?:Bearer |Basic )?([^\\s"'\\\\,;}\\]]{3,})`, 'gi'),
  ],
  ['secret', /\b(?:Bearer|Basic) ([A-Za-z0-9._~+/=-]{8,})/g],
  ['secret', /--?(?:password|passphrase|token|secret)",\s*"([^"\\]{3,})"/g],
  [
    'secret',
    /\b(gh[pousr]_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|xox[abp]-[\w-]{10,})/g,
  ],
  ['secret', /:\/\/[^\s/:@"]{1,200}:([^\s/@"]{1,200})@/g],
  ['user name', /\/home\/([A-Za-z_][\w.-]{0,60})/g],
  ['MAC address', /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi],
  [
    'IPv4 address',
    /(?<![\d.])(?:10|127\.(?!0\.0\.1\b)\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168|169\.254|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))(?:\.\d{1,3}){2,3}(?![\d.]*\d)/g,
  ],
  ['IPv6 address', /(?<![\w:])(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f])(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi],
];

/** What is no secret, whatever stands before it. */
const HARMLESS = /^(?:null|true|false|none|\d{1,6}|REDACTED.*|[[{<(].*)$/i;

export function openRedactor(): Redactor {
  const found = new Map<string, { kind: Kind; instead: string; replaced: number }>();
  const numbers = new Map<Kind, number>();
  let pattern: RegExp | null = null;
  const note = (kind: Kind, value: string): void => {
    if (found.has(value)) return;
    if (kind === 'IPv4 address' && value.split('.').length !== 4) return;
    if (kind === 'secret' && HARMLESS.test(value)) return;
    const number = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, number);
    found.set(value, { kind, instead: insteadOf(kind, number), replaced: 0 });
    pattern = null;
  };
  return {
    look(text) {
      for (const [kind, one] of PATTERNS) {
        for (const match of text.matchAll(one)) note(kind, match[1] ?? match[0]);
      }
    },
    redact(text) {
      if (found.size === 0) return text;
      // Longer ones first: an address may be the beginning of another.
      pattern ??= new RegExp(
        [...found.keys()]
          .sort((a, b) => b.length - a.length)
          .map(bounded)
          .join('|'),
        'g',
      );
      return text.replace(pattern, (value) => {
        const one = found.get(value);
        if (one === undefined) return value;
        one.replaced++;
        return one.instead;
      });
    },
    told() {
      return [...numbers].map(([kind, values]) => {
        const all = [...found.values()].filter((one) => one.kind === kind);
        const replaced = all.reduce((sum, one) => sum + one.replaced, 0);
        return { kind, values, replaced, example: all[0]?.instead ?? '' };
      });
    },
  };
}

/** Not in the midst of a longer word or number. */
function bounded(value: string): string {
  const escaped = value.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const before = /^\w/.test(value) ? '(?<![\\w])' : '';
  const after = /\w$/.test(value) ? '(?![\\w])' : '';
  return `${before}${escaped}${after}`;
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
