/** A git repository made for a test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Repository {
  path: string;
  git(...args: string[]): string;
  /** Commits these files, beside those that are there, and returns the commit: the same one for the same files. */
  commit(files: Record<string, string>): string;
}

export function repository(path: string): Repository {
  mkdirSync(path, { recursive: true });
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main'];
  const when = '2000-01-01T00:00:00Z';
  const env = { ...process.env, GIT_AUTHOR_DATE: when, GIT_COMMITTER_DATE: when };
  const git = (...args: string[]) =>
    execFileSync('git', [...identity, '-C', path, ...args], { encoding: 'utf8', env }).trim();
  git('init', '--quiet');
  return {
    path,
    git,
    commit(files) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      git('add', '--all');
      git('commit', '--quiet', '--message', 'x');
      return git('rev-parse', 'HEAD');
    },
  };
}
