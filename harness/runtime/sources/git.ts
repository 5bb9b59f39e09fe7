/** Revisions of git repositories: which commit a name means, and its files. */

import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, UsageError } from '../../errors.ts';
import { type LocalResult, run } from '../../host/local.ts';
import { removeTree } from '../../host/remove-tree.ts';
import { nearest } from '../../nearest.ts';
import { lock } from '../roots/lock.ts';
import type { RootContext } from '../toolchain.ts';
import { isRemote } from './source.ts';

export interface Commit {
  /** A directory of this machine that has it: the repository itself, or its mirror in the cache. */
  directory: string;
  /** 40 (or 64) hexadecimal digits. */
  commit: string;
}

const LOCAL_LIMIT_MS = 60_000;
const FETCH_LIMIT_MS = 10 * 60_000;

/** The commit of a revision. A repository elsewhere is fetched into the cache, unless the commit is there already. */
export async function commitOf(repository: string, revision: string, context: RootContext): Promise<Commit> {
  if (!isRemote(repository)) {
    await requireRepository(repository);
    const commit = await resolved(repository, revision);
    if (commit !== null) return { directory: repository, commit };
    throw await unknownRevision(repository, repository, revision);
  }
  const directory = join(context.cache, 'sources', mirrorName(repository));
  await mkdir(join(context.cache, 'sources'), { recursive: true });
  const release = await lock(directory, `the mirror of ${repository}`, context.announce);
  try {
    const whole = /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision);
    const there = whole ? await resolved(directory, revision) : null;
    if (there !== null) return { directory, commit: there };
    const isNew = (await stat(directory).catch(() => null)) === null;
    try {
      await fetchInto(directory, { repository, revision, whole }, context);
    } catch (error) {
      // An address that leads nowhere leaves nothing.
      if (isNew) await removeTree(directory);
      throw error;
    }
    const commit = await resolved(directory, revision);
    if (commit !== null) return { directory, commit };
    throw await unknownRevision(repository, directory, revision);
  } finally {
    await release();
  }
}

/** Puts the files of a commit, with those of its submodules, into an empty directory. */
export async function checkOut(
  { directory, commit }: Commit,
  into: string,
  { announce, signal }: RootContext,
): Promise<void> {
  const submodules = await git(directory, ['cat-file', '-e', `${commit}:.gitmodules`]);
  if (submodules.status === 0) {
    announce('fetching its submodules');
    const limits = { timeoutMs: FETCH_LIMIT_MS, signal };
    must(await outside(['clone', '--quiet', '--no-checkout', directory, into], limits), directory);
    must(await git(into, ['checkout', '--quiet', '--detach', commit], limits), directory);
    const update = ['submodule', '--quiet', 'update', '--init', '--recursive'];
    must(await git(into, update, limits), `the submodules of ${directory}`);
    return;
  }
  const archive = `${into}.tar`;
  must(await git(directory, ['archive', '--format=tar', `--output=${archive}`, commit]), directory);
  const unpack = ['tar', '--extract', '--no-same-owner', '--file', archive, '--directory', into];
  must(await run(unpack, { timeoutMs: LOCAL_LIMIT_MS, signal }), archive);
}

/** As `git describe` names it, such as `v4.1-12-gabc`; the short commit where there are no tags. */
export async function describe({ directory, commit }: Commit): Promise<string> {
  const { status, stdout } = await git(directory, ['describe', '--tags', '--always', commit]);
  return status === 0 ? stdout.trim() : commit.slice(0, 12);
}

async function requireRepository(path: string): Promise<void> {
  if (!(await stat(path).catch(() => null))?.isDirectory())
    throw new UsageError(`${path} is not a directory`, 'name a clone: git:/src/criu@v4.1');
  const { status } = await git(path, ['rev-parse', '--git-dir']);
  if (status !== 0) throw new UsageError(`${path} is no git repository`, 'name a clone: git:/src/criu@v4.1');
}

async function fetchInto(
  directory: string,
  { repository, revision, whole }: { repository: string; revision: string; whole: boolean },
  { announce, signal }: RootContext,
): Promise<void> {
  announce(`fetching ${repository}`);
  const limits = { timeoutMs: FETCH_LIMIT_MS, signal };
  must(await outside(['init', '--quiet', '--bare', directory], limits), repository);
  must(await git(directory, ['config', 'thaw.url', repository]), repository);
  const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  // Such as refs/pull/1234/head, which is neither a branch nor a tag.
  if (revision.startsWith('refs/')) refs.push(`+${revision}:${revision}`);
  const fetch = ['fetch', '--quiet', '--force', '--end-of-options', repository];
  const fetched = await git(directory, [...fetch, ...refs], limits);
  signal.throwIfAborted();
  if (fetched.status !== 0) {
    throw new EnvironmentError(
      `${repository} could not be fetched: ${said(fetched)}`,
      'check the address and that this machine reaches it, or name a clone on this machine',
    );
  }
  // A commit that no branch leads to, where the server gives those.
  if (whole && (await resolved(directory, revision)) === null)
    await git(directory, [...fetch, revision], limits);
}

async function resolved(directory: string, revision: string): Promise<string | null> {
  const argv = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const { status, stdout } = await git(directory, argv);
  return status === 0 ? stdout.trim() : null;
}

async function unknownRevision(repository: string, directory: string, revision: string): Promise<UsageError> {
  const { stdout } = await git(directory, [
    'for-each-ref',
    '--format=%(refname:short)',
    'refs/heads',
    'refs/tags',
  ]);
  const known = stdout.split('\n').filter(Boolean);
  return new UsageError(
    `${repository} has no revision ${revision}${nearest(revision, known)}`,
    isRemote(repository)
      ? 'use a branch, a tag or a commit of it'
      : `see what there is: git -C ${repository} log --oneline`,
  );
}

/** In a repository. That it is another user's is no reason to refuse it: its code is about to be run. */
export function git(
  directory: string,
  args: readonly string[],
  limits: { timeoutMs: number; signal?: AbortSignal } = { timeoutMs: LOCAL_LIMIT_MS },
): Promise<LocalResult> {
  return outside(['-c', 'safe.directory=*', '-C', directory, ...args], limits);
}

function outside(
  args: readonly string[],
  limits: { timeoutMs: number; signal?: AbortSignal },
): Promise<LocalResult> {
  const env = { ...userSettings(), GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_COUNT: '0' };
  return run(['git', ...args], { ...limits, env });
}

/** What the user's own git is reached by: keys, and the way out. */
function userSettings(): Record<string, string> {
  const names = [
    'HOME',
    'SSH_AUTH_SOCK',
    'http_proxy',
    'https_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'no_proxy',
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export function must(result: LocalResult, what: string): void {
  if (result.status !== 0) throw new EnvironmentError(`git failed at ${what}: ${said(result)}`);
}

function said({ status, stderr }: LocalResult): string {
  const lines = stderr.trim().split('\n').slice(-6).join('\n  ');
  return lines || (status === null ? 'no end within its limit' : `exit ${status}`);
}

function mirrorName(repository: string): string {
  const slug = repository
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[^a-zA-Z0-9.-]+/g, '-')
    .slice(-60);
  return `${slug}-${createHash('sha256').update(repository).digest('hex').slice(0, 8)}.git`;
}
