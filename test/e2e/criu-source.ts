/** CRIU's sources as Debian has them, with a list of sources of the test's own: the machine's is left as it is. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianSource } from '../../harness/runtime/roots/debian-source.ts';

/** Unpacks the newest that the suite has, as its authors released it. */
export async function criuSource(into: string, suite: string): Promise<void> {
  const apt = join(into, '../apt');
  for (const directory of ['state/lists/partial', 'cache/archives/partial', 'files'])
    mkdirSync(join(apt, directory), { recursive: true });
  const source = (await debianSource(suite)).replace(/^deb /, 'deb-src ');
  writeFileSync(join(apt, 'sources.list'), `${source}\n`);
  writeFileSync(join(apt, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(apt, 'state'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': join(apt, 'cache'),
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Retries': '3',
    // The sources only, whose checksum the list has; the packaging is not wanted.
    'APT::Sandbox::User': 'root',
  };
  const config = join(apt, 'apt.conf');
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(''),
  );
  const options = {
    cwd: join(apt, 'files'),
    env: { ...process.env, APT_CONFIG: config },
    encoding: 'utf8',
  } as const;
  execFileSync('apt-get', ['update', '--quiet'], { ...options, stdio: 'pipe' });
  const { stdout, stderr } = spawnSync('apt-get', ['source', '--download-only', 'criu'], options);
  const tar = readdirSync(options.cwd).find((name) => /^criu_[\d.]+\.orig\.tar\.\w+$/.test(name));
  if (tar === undefined) throw new Error(`no sources of CRIU in ${suite}:\n${stdout}${stderr}`);
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['-x', '-f', join(options.cwd, tar), '-C', into, '--strip-components=1']);
}
