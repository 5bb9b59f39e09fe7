/** Where a binary of a toolchain comes from, as a person writes it: `git:/src/criu@v4.1`, `/FILE#sha256=HEX`. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.ts';

export type Source =
  | { kind: 'host' }
  | { kind: 'debian'; suite: string }
  | { kind: 'file'; path: string; sha256: string | null }
  | { kind: 'url'; url: string; sha256: string }
  | { kind: 'git'; repository: string; revision: string };

/** What a source may be, for errors and help. */
export const SOURCES =
  'use a file (/FILE or /FILE#sha256=HEX), host, debian:SUITE, https://…#sha256=HEX or git:REPOSITORY@REVISION';

/** What begins like a URL, or as ssh writes it (`git@host:path`); all else is a path. */
const REMOTE = /^(?:(?:https?|ssh|git|file):\/\/|[\w.-]+@[\w.-]+:)/;

/** UsageError for what is none. A relative path is one from the working directory. */
export function parseSource(text: string): Source {
  if (text === 'host') return { kind: 'host' };
  const suite = /^debian:([a-z][a-z0-9.-]*)$/.exec(text)?.[1];
  if (suite !== undefined) return { kind: 'debian', suite };
  if (text.startsWith('git:')) return gitSource(text);
  const [, place = text, checksum = null] = /^(.*)#sha256=(.*)$/s.exec(text) ?? [];
  const sha256 = checksum === null ? null : hex(checksum, text);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(place)) return { kind: 'file', path: resolve(place), sha256 };
  refuseSecret(place, text);
  const url = URL.canParse(place) ? new URL(place) : null;
  if (url?.protocol === 'file:') return { kind: 'file', path: pathOf(url, text), sha256 };
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new UsageError(`${text} is no source of a binary`, SOURCES);
  if (sha256 !== null) return { kind: 'url', url: place, sha256 };
  throw new UsageError(
    `${text} has no checksum, and nothing is taken from elsewhere without one`,
    `put it after the address: ${place}#sha256=HEX (as sha256sum prints it, or the project's release page)`,
  );
}

/** As `parseSource` reads it, with absolute paths: what a record keeps. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'host':
      return 'host';
    case 'debian':
      return `debian:${source.suite}`;
    case 'file':
      return source.sha256 === null ? source.path : `${source.path}#sha256=${source.sha256}`;
    case 'url':
      return `${source.url}#sha256=${source.sha256}`;
    case 'git':
      return `git:${source.repository}@${source.revision}`;
  }
}

/** Whether git has to fetch it from elsewhere; otherwise it is a directory of this machine. */
export function isRemote(repository: string): boolean {
  return REMOTE.test(repository);
}

function gitSource(text: string): Source {
  const [, repository, revision] = /^git:(.+)@([^@]+)$/s.exec(text) ?? [];
  // `git@host:path` without a revision: the last @ is the address's own.
  if (repository === undefined || revision === undefined || revision.includes(':'))
    throw new UsageError(`${text} has no revision`, 'put it after an @: git:/src/criu@v4.1');
  if (repository.startsWith('-') || revision.startsWith('-'))
    throw new UsageError(`${text} is no source of a binary: a name cannot begin with -`);
  refuseSecret(repository, text);
  if (isRemote(repository)) return { kind: 'git', repository, revision };
  // Such as `ext::`, which runs a command.
  if (/^[a-z][a-z0-9+.-]*:/i.test(repository))
    throw new UsageError(
      `git does not fetch ${repository} here`,
      'use a directory, or https://, ssh://, git:// or git@HOST:PATH',
    );
  return { kind: 'git', repository: resolve(repository), revision };
}

/** Addresses become part of records and logs. */
function refuseSecret(address: string, text: string): void {
  if (!URL.canParse(address) || new URL(address).password === '') return;
  throw new UsageError(
    `${text.replace(/:[^:@/]*@/, ':…@')} has a password, which would be in every record`,
    'leave it out: git has credential helpers, and ssh has keys',
  );
}

function hex(checksum: string, text: string): string {
  if (/^[0-9a-f]{64}$/i.test(checksum)) return checksum.toLowerCase();
  throw new UsageError(
    `the checksum of ${text} is not 64 hexadecimal digits, but ${checksum.length} characters`,
    'use what sha256sum prints',
  );
}

function pathOf(url: URL, text: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new UsageError(`${text} is no file of this machine`, 'write it as file:///PATH');
  }
}
