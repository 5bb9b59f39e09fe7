/** Builds the packages of this folder and a repository of them: what a mirror is to the classic procedure. */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PACKAGES = ['filesystem', 'httpd', 'rpm'] as const;

const TOOLS = ['rpmbuild', 'rpm', 'rpmdb', 'dnf', 'createrepo_c', 'busybox'];

/** Why the packages cannot be built here; null where they can. */
export function whyNoPackages(): string | null {
  const missing = TOOLS.filter((tool) => programOf(tool) === null);
  return missing.length === 0 ? null : `not installed: ${missing.join(', ')}`;
}

/** Builds into an empty directory; the URL of the repository. */
export function buildRepository(directory: string): string {
  const sources = join(directory, 'sources');
  const repository = join(directory, 'repository');
  layOut(['busybox'], join(sources, 'busybox'));
  layOut(['rpm', 'rpmdb'], join(sources, 'rpm'));
  for (const file of ['macros', 'rpmrc'])
    cpSync(join('/usr/lib/rpm', file), join(sources, 'rpm/usr/lib/rpm', file));
  for (const name of PACKAGES) {
    const defined: Record<string, string> = {
      _topdir: join(directory, 'build'),
      _sourcedir: sources,
      _rpmdir: repository,
      // The files as they are: no debug packages, nothing stripped.
      debug_package: '%{nil}',
      __os_install_post: '%{nil}',
    };
    const defines = Object.entries(defined).flatMap(([key, value]) => ['--define', `${key} ${value}`]);
    quietly('rpmbuild', ...defines, '-bb', join(import.meta.dirname, `${name}.spec`));
  }
  quietly('createrepo_c', repository);
  return pathToFileURL(repository).href;
}

/** Programs of this machine in /usr/bin, with the libraries that they are linked to, each at its own path. */
function layOut(names: readonly string[], root: string): void {
  for (const name of names) {
    const program = programOf(name) ?? '';
    cpSync(program, join(root, 'usr/bin', name), { dereference: true });
    for (const path of librariesOf(program)) cpSync(path, join(root, path), { dereference: true });
  }
}

function librariesOf(program: string): string[] {
  try {
    const linked = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...linked.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path ?? '');
  } catch {
    // Linked statically, as busybox often is.
    return [];
  }
}

function programOf(name: string): string | null {
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** What a command prints is in the error where it fails, and nowhere else. */
function quietly(command: string, ...args: string[]): void {
  execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' });
}
