/**
 * Where a text holds what a bug report must not tell. Each pattern takes a time that grows with the text and no faster,
 * for logs may be anybody's: what repeats has a limit, and nothing before a name is gone back over.
 */

export type Kind =
  | 'private key'
  | 'public key'
  | 'secret'
  | 'IPv4 address'
  | 'IPv6 address'
  | 'MAC address'
  | 'user name';

/** Each value that a text holds, as it stands there. */
export function* secretsIn(text: string): Generator<{ kind: Kind; value: string }> {
  yield* privateKeysIn(text);
  for (const [kind, pattern] of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const value = match.slice(1).find((group) => group !== undefined) ?? match[0];
      if (isOne(kind, value)) yield { kind, value };
    }
  }
}

const NAMES =
  '(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie)[\\w.-]{0,60}|pass|[_-]pwd';
/** In quotes, in quotes of a text in JSON, or without: up to a space then. */
const QUOTED = `\\\\"([^"\\\\\\n]{1,400})\\\\"|"((?:[^"\\\\\\n]|\\\\[^\\n]){1,4000})"|'([^'"\\n]{1,400})'`;
const BARE = '([^\\s"\'\\\\]{2,400}[^\\s"\'\\\\,;)\\]}])';

const PATTERNS: readonly [Kind, RegExp][] = [
  ['public key', /\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-[\w-]{1,40}) (AAAA[A-Za-z0-9+/=]{16,})/g],
  // `"DB_PASSWORD=two words"`: all of a word of a command, or of an environment in JSON.
  ['secret', new RegExp(`"[\\w.-]{0,60}(?:${NAMES})=((?:[^"\\\\\\n]|\\\\[^\\n]){1,4000})"`, 'gi')],
  // `password: x`, `"password": "x"`, `PASSWORD=x`.
  [
    'secret',
    new RegExp(
      `(?:${NAMES})(?:\\\\?["'])?\\s{0,8}[=:]\\s{0,8}(?:${QUOTED}|(?:Bearer |Basic )?${BARE})`,
      'gi',
    ),
  ],
  // `--password x`, and in a list of JSON or YAML.
  ['secret', new RegExp(`--?[\\w-]{0,60}(?:${NAMES})(?:["'],?)?\\s{1,40}(?:- )?(?:${QUOTED}|${BARE})`, 'gi')],
  ['secret', new RegExp(`--?[\\w-]{0,60}(?:${NAMES})["'],(?:${QUOTED})`, 'gi')],
  ['secret', /\b(?:requirepass|masterauth)["']?,? {0,8}["']?([^\s"'\\]{2,400})/g],
  ['secret', /\b(?:Bearer|Basic) ([A-Za-z0-9._~+/=-]{8,})/g],
  [
    'secret',
    /(?<![\w-])(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{30,}|sk-[\w-]{20,}|AIza[\w-]{30,}|AKIA[0-9A-Z]{16}|xox[abeprs]-[\w-]{10,})/g,
  ],
  ['secret', /(?<![\w-])(eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)/g],
  ['secret', /:\/\/[^\s/:@"]{0,200}:([^\s/@"]{1,200})@/g],
  ['user name', /\/home\/([A-Za-z_][\w.-]{0,60})/g],
  ['MAC address', /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi],
  [
    'IPv4 address',
    /(?<![\d.])(?:10|127\.(?!0\.0\.1\b)\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168|169\.254|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))(?:\.\d{1,3}){2,3}(?!\d|\.\d)/g,
  ],
  ['IPv6 address', /(?<![\w:])(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f])(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi],
];

/** What is no secret, whatever stands before it. A number would be replaced in every figure. */
const HARMLESS = /^(?:null|true|false|none|\d{1,6}|REDACTED.*|[[{<(].*)$/is;

function isOne(kind: Kind, value: string): boolean {
  if (kind === 'IPv4 address') return value.split('.').length === 4;
  return kind !== 'secret' || !HARMLESS.test(value);
}

const BEGIN = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/g;
const END = /-----END [A-Z ]{0,40}PRIVATE KEY-----/g;
/** Of one whose end is not there, since the text was cut: so much of what looks like it. */
const CUT_OFF = /(?:[A-Za-z0-9+/=\s]|\\n){0,20000}/y;

function* privateKeysIn(text: string): Generator<{ kind: Kind; value: string }> {
  const begins = [...text.matchAll(BEGIN)];
  const ends = [...text.matchAll(END)];
  let [from, end] = [0, 0];
  for (const { index, 0: header } of begins) {
    if (index < from) continue;
    while (end < ends.length && (ends[end]?.index ?? 0) < index) end++;
    const last = ends[end];
    from = last === undefined ? cutOff(text, index + header.length) : last.index + last[0].length;
    yield { kind: 'private key', value: text.slice(index, from) };
  }
}

function cutOff(text: string, from: number): number {
  CUT_OFF.lastIndex = from;
  return from + (CUT_OFF.exec(text)?.[0].length ?? 0);
}
