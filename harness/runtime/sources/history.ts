/** The commits between two revisions, as a line: a merge is one step of it. */
import { UsageError } from '../../errors.ts';
import type { RootContext } from '../toolchain.ts';
import { commitOf, git, must } from './git.ts';

export interface HistoryCommit {
  commit: string;
  subject: string;
  merge: boolean;
}

export interface History {
  /** Whether the good revision is the older one. */
  goodFirst: boolean;
  /** Oldest first, with both ends. */
  commits: HistoryCommit[];
}

const LIMIT_MS = 60_000;
/** More are no history of a failure that anybody looks for. */
const MOST = 20_000;

/**
 * From the older to the newer one, by first parents: what a merge brought in is one step. UsageError where neither is an
 * ancestor of the other.
 */
export async function historyBetween(
  repository: string,
  { good, bad }: { good: string; bad: string },
  context: RootContext,
): Promise<History> {
  const first = await commitOf(repository, good, context);
  const { directory, commit } = await commitOf(repository, bad, context);
  if (first.commit === commit) {
    throw new UsageError(`${good} and ${bad} are the same commit, ${commit.slice(0, 12)}`, 'name two');
  }
  const goodFirst = await isAncestor(directory, first.commit, commit);
  if (!goodFirst && !(await isAncestor(directory, commit, first.commit))) {
    throw new UsageError(
      `neither ${good} nor ${bad} leads to the other in ${repository}`,
      `bisect from what they have in common, which is ${await commonOf(directory, first.commit, commit)}`,
    );
  }
  const [older, newer] = goodFirst ? [first.commit, commit] : [commit, first.commit];
  const commits = [
    ...(await logged(directory, ['--max-count=1', older])),
    ...(await logged(directory, ['--reverse', '--topo-order', '--first-parent', `${older}..${newer}`])),
  ];
  if (commits.length <= MOST) return { goodFirst, commits };
  throw new UsageError(`${commits.length} commits lie between ${good} and ${bad}`, `at most ${MOST} can`);
}

async function isAncestor(directory: string, older: string, newer: string): Promise<boolean> {
  const { status } = await git(directory, ['merge-base', '--is-ancestor', older, newer]);
  return status === 0;
}

async function commonOf(directory: string, a: string, b: string): Promise<string> {
  const { stdout } = await git(directory, ['merge-base', a, b]);
  return stdout.trim().slice(0, 12) || 'nothing';
}

async function logged(directory: string, args: readonly string[]): Promise<HistoryCommit[]> {
  const argv = ['log', '--no-show-signature', '--no-color', '--format=%H%x00%P%x00%s', ...args, '--'];
  const result = await git(directory, argv, { timeoutMs: LIMIT_MS });
  must(result, directory);
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [commit = '', parents = '', subject = ''] = line.split('\0');
      return { commit, subject, merge: parents.includes(' ') };
    });
}
