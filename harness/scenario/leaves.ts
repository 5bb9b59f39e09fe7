/**
 * The smallest parts of a scenario: numbers, durations, sizes, names, paths. Each message completes the sentence
 * "`key` …, not VALUE", so it begins with "must".
 */
import { posix } from 'node:path';
import { z } from 'zod';

export const COUNT = { min: 1, max: 100_000 } as const;
export const RATE = { min: 1, max: 20_000 } as const;

/** A whole number within its limits, both included. */
export function whole(min: number, max: number, what = '') {
  const must = `must be a whole number from ${min} to ${max}${what}`;
  return z.int(must).min(min, must).max(max, must);
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/;

/** `500ms`, `2s`, `1m`, `1h` → milliseconds. A number without a unit is refused: nobody can know which was meant. */
export function duration(min: string, max: string) {
  const must = 'must be a duration with its unit, such as 500ms, 2s or 1m';
  const within = `must be a duration from ${min} to ${max}`;
  return z
    .string(must)
    .regex(DURATION, { error: must, abort: true })
    .refine((text) => toMs(text) >= toMs(min) && toMs(text) <= toMs(max), within)
    .meta({ title: `duration from ${min} to ${max}`, examples: ['500ms', '2s', '1m'] })
    .transform(toMs);
}

/** How long a run goes on. */
export const RUN_LENGTH = duration('1s', '168h');

function toMs(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

const SHARE_MIB = { min: 1, max: 1_048_576 } as const;
const SHARE_MUST = 'must be a size from 1MiB to 1024GiB, with its unit, such as 512MiB or 2GiB';
export const shareMiB = whole(SHARE_MIB.min, SHARE_MIB.max, ' MiB');

/** `512MiB`, `2GiB` → MiB. */
export const size = z
  .string(SHARE_MUST)
  .regex(/^\d{1,7}(MiB|GiB)$/, { error: SHARE_MUST, abort: true })
  .refine((text) => toMiB(text) >= SHARE_MIB.min && toMiB(text) <= SHARE_MIB.max, SHARE_MUST)
  .meta({ title: 'size from 1MiB to 1024GiB', examples: ['512MiB', '2GiB'] })
  .transform(toMiB);

const BYTE_RATE = 'must be MiB a second from 1MiB/s to 10000MiB/s, such as 20MiB/s';

/** `20MiB/s` → MiB a second. */
export const byteRate = z
  .string(BYTE_RATE)
  .regex(/^[1-9]\d{0,3}MiB\/s$|^10000MiB\/s$/, BYTE_RATE)
  .meta({ title: 'MiB a second', examples: ['20MiB/s'] })
  .transform(toMiB);

function toMiB(text: string): number {
  return Number.parseInt(text, 10) * (text.endsWith('GiB') ? 1024 : 1);
}

const LINK_KBIT = { min: 100, max: 100_000_000 } as const;
const LINK_MUST = 'must be a rate from 100kbit/s to 100Gbit/s, such as 100Mbit/s, or unlimited';
const KBIT = { kbit: 1, Mbit: 1_000, Gbit: 1_000_000 } as const;

/** `100Mbit/s` → 1,000 bits a second; `unlimited` → null. */
export const linkRate = z
  .string(LINK_MUST)
  .refine((text) => {
    const kbit = toKbit(text);
    return kbit === null || (kbit >= LINK_KBIT.min && kbit <= LINK_KBIT.max);
  }, LINK_MUST)
  .meta({ title: 'bits a second, or unlimited', examples: ['100Mbit/s', '1Gbit/s', 'unlimited'] })
  .transform(toKbit);

/** NaN where it is neither. */
function toKbit(text: string): number | null {
  if (text === 'unlimited') return null;
  const [, amount, unit] = /^(\d{1,9})(kbit|Mbit|Gbit)\/s$/.exec(text) ?? [];
  return Number(amount) * KBIT[unit as keyof typeof KBIT];
}

const PERCENT = 'must be a part of all from 0% to 50%, such as 1% or 0.1%';

/** `0.1%` → percent. */
export const percent = z
  .string(PERCENT)
  .regex(/^\d{1,2}(\.\d{1,3})?%$/, { error: PERCENT, abort: true })
  .refine((text) => Number.parseFloat(text) <= 50, PERCENT)
  .meta({ title: 'percent from 0% to 50%', examples: ['1%', '0.1%'] })
  .transform((text) => Number.parseFloat(text));

const PER_SECOND = `must be requests a second from ${RATE.min} to ${RATE.max}, such as 100/s`;
export const ratePerSecond = z.int(PER_SECOND).min(RATE.min, PER_SECOND).max(RATE.max, PER_SECOND);

/** `100/s` or `100`: requests a second. */
export const rate = z.union(
  [
    z
      .string()
      .regex(/^\d{1,9}\/s$/, { error: PER_SECOND, abort: true })
      .refine((text) => ratePerSecond.safeParse(Number.parseInt(text, 10)).success, PER_SECOND)
      .meta({ title: `requests a second, from ${RATE.min}/s to ${RATE.max}/s`, examples: ['100/s'] })
      .transform((text) => Number.parseInt(text, 10)),
    ratePerSecond,
  ],
  PER_SECOND,
);

/** A name that becomes a directory, a container ID and a part of commands. */
export const name = text(
  /^[a-z0-9][a-z0-9._-]{0,62}$/,
  'must be a name of a-z, 0-9, `.`, `_` and `-` that begins with a letter or digit (at most 63 characters)',
).meta({ title: 'name' });

/** RFC 1123 label; 15 characters, as long as the name of a network interface can be. */
export const hostName = text(
  /^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/,
  'must be a host name of a-z, 0-9 and `-`, at most 15 characters, such as rhel01',
).meta({ title: 'host name' });

export const DEFAULT_PATH = ['rhel01', 'rhel02'] as const;

/** Names that the testbed itself uses for its places. */
export const RESERVED_HOSTS: readonly string[] = ['client', 'fabric', 'localhost'];

export const toolchainName = text(
  /^(auto|host|debian:[a-z][a-z0-9.-]*|path:\/[^\0\n\r]*?)(\+(runc|crun|criu)=(host|debian:[a-z][a-z0-9.-]*|\/[^\0\n\r]*?|(https?|file):\/\/[^\0\n\r]*?#sha256=[0-9a-fA-F]{64}|git:[^\0\n\r]+?@[^\0\n\r@]+?))*$/,
  'must be a toolchain: auto, host, debian:SUITE or path:/DIRECTORY, with +runc=, +crun= or +criu= after it',
).meta({
  title: 'toolchain',
  examples: [
    'auto',
    'host',
    'debian:forky',
    'path:/opt/root',
    'auto+criu=/src/criu/criu/criu',
    'auto+criu=git:/src/criu@v4.2',
  ],
});

const UNQUOTED = 'must be text (a number or a truth value in quotes)';

/** Text of one line, such as a word of a command. */
export const line = z.string(UNQUOTED).regex(/^[^\0\n\r]*$/, 'must be text of one line');

/** Text that may have several lines, such as the content of a file. */
export const content = z.string(UNQUOTED).regex(/^[^\0]*$/, 'must be text without NUL');

/** Text with a pattern; `must` is said of everything that does not match it. */
export function text(pattern: RegExp, must: string) {
  return z.string(must).regex(pattern, must);
}

/** An absolute path in its shortest form, without `..`; `must` names what is wrong with it. */
export const path = z
  .string('must be an absolute path')
  .regex(/^\//, 'must be an absolute path')
  .meta({ title: 'absolute path' })
  .superRefine((value, context) => {
    const message = value.startsWith('/') ? pathFault(value) : null;
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** The path of a file or a mount point: the root directory itself cannot be one. */
export const pathBelowRoot = path.refine((value) => value !== '/', 'must be a path below /');

function pathFault(value: string): string | null {
  if (/[\0-\x1f\x7f]/.test(value)) return 'must be a path without control characters';
  if (value.length > 1024) return 'must be a path of at most 1024 characters';
  if (value.split('/').includes('..')) return 'must be a path without ..';
  const short = posix.normalize(value).replace(/(.)\/$/, '$1');
  return short === value ? null : `must be a path in its shortest form, ${short}`;
}

/** Whether a path of a host lies on the directory that all hosts share. */
export function isOnShare(value: string): boolean {
  return value === '/runc' || value.startsWith('/runc/');
}
