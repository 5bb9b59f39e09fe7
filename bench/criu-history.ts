/**
 * A git repository on CRIU's source to try `thaw bisect` on: the source archive of Debian's CRIU 4.2.1, and 19 commits. Commit
 * 13 makes every dump fail; three do not build; one before it fails every other dump, and the next one mends that.
 *
 *   npx tsx bench/criu-history.ts DIRECTORY
 *   sudo npx thaw bisect --good v0 --bad main --repository DIRECTORY --part criu --scenario scenarios/httpd.yaml
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { debianSource } from '../harness/runtime/roots/debian-source.ts';

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('usage: npx tsx bench/criu-history.ts DIRECTORY');
const directory = resolve(given);

/** Numbers of the commits after the import. */
const BAD = 13;
const FLAKY = 5;
const UNBUILDABLE = [8, 9, 15];
const LAST = 19;

const DUMP = 'criu/cr-dump.c';
const ENTRY = /^int cr_dump_tasks\(pid_t pid\)\n\{\n/m;

await fetchSource();
const git = (...args: string[]) =>
  execa('git', ['-c', 'user.name=made', '-c', 'user.email=made@example.org', ...args], { cwd: directory });
await git('init', '--quiet', '--initial-branch=main');
await commit('import CRIU 4.2.1');
await git('tag', 'v0');
const original = readFileSync(join(directory, DUMP), 'utf8');
if (!ENTRY.test(original)) throw new Error(`${DUMP} has no cr_dump_tasks as it is expected`);
for (let number = 1; number <= LAST; number++) {
  writeFileSync(join(directory, 'CHANGES.made'), `${number}\n`);
  writeFileSync(join(directory, DUMP), sourceOf(number));
  await commit(subjectOf(number));
}
console.log((await git('log', '--oneline', '--reverse')).stdout);

function sourceOf(number: number): string {
  if (UNBUILDABLE.includes(number)) return `#error "commit ${number} does not build"\n${original}`;
  if (number >= BAD) return entering('pr_err("dumps are refused since commit 13\\n");\n\treturn -1;');
  if (number === FLAKY) {
    return entering(
      'if (getpid() % 2) {\n\t\tpr_err("every other dump is refused\\n");\n\t\treturn -1;\n\t}',
    );
  }
  return original;
}

function entering(statements: string): string {
  return original.replace(ENTRY, (entry) => `${entry}\t${statements}\n`);
}

function subjectOf(number: number): string {
  if (UNBUILDABLE.includes(number)) return `commit ${number}: does not build`;
  if (number === BAD) return `commit ${number}: refuse every dump`;
  if (number === FLAKY) return `commit ${number}: refuse every other dump`;
  return `commit ${number}: change nothing that matters`;
}

async function commit(subject: string): Promise<void> {
  await git('add', '--all', '--force');
  await git('commit', '--quiet', '--message', subject);
}

/** By apt, with lists of its own: the machine's are left as they are. */
async function fetchSource(): Promise<void> {
  const apt = `${directory}.apt`;
  for (const folder of ['lists/partial', 'source']) mkdirSync(join(apt, folder), { recursive: true });
  writeFileSync(join(apt, 'sources.list'), `${(await debianSource('forky')).replace(/^deb /, 'deb-src ')}\n`);
  const options = [
    `Dir::Etc::SourceList=${apt}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${apt}/lists`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await execa('apt-get', [...options, '--quiet', 'update'], { stdio: 'inherit' });
  const source = ['--quiet', '--tar-only', '--only-source', 'source', 'criu'];
  await execa('apt-get', [...options, ...source], { cwd: join(apt, 'source'), stdio: 'inherit' });
  const [archive] = readdirSync(join(apt, 'source')).filter((name) => /^criu_4\.2\.1.*\.tar/.test(name));
  if (archive === undefined) throw new Error('the suite forky has no CRIU 4.2.1 any more');
  mkdirSync(directory);
  const unpack = ['--extract', '--strip-components=1', '--no-same-owner', '--directory', directory];
  await execa('tar', [...unpack, '--file', join(apt, 'source', archive)]);
}
