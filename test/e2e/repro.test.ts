import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ReproResult } from '../../harness/analysis/repro/result.ts';
import type { RunRecord } from '../../harness/model.ts';
import type { Packed } from '../../harness/pack.ts';
import { cacheDirectory } from '../../harness/paths.ts';
import type { Minimised } from '../../harness/repro.ts';
import { alone, inventory, settledInventory, whyNotHere } from './machine.ts';
import { MAIN, ROOT, recordOf, scenario, scratch, start, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

const LOCKS = 'scenarios/failures/file-lock.yaml';

async function runOf(...args: string[]): Promise<string> {
  const { head } = recordOf(await thaw('run', ...args, '--reports', place.path, '--json', '--quiet'));
  return join(place.path, head.scenario.name, head.id);
}

/** The root file system in the cache with this name, which no other test has, that was used last. */
function lastUsed(name: string): string {
  const roots = join(cacheDirectory(), 'roots');
  const used = (one: string): number => statSync(join(roots, one, 'manifest.json')).mtimeMs;
  const found = readdirSync(roots).filter((one) => one.startsWith(name) && !one.includes('.'));
  return join(roots, found.sort((a, b) => used(b) - used(a))[0] as string, 'root');
}

/** Writes the script of a run, and runs it without Thaw. */
async function replay(run: string, bundle: string) {
  const file = join(place.path, 'replay.sh');
  expect((await thaw('repro', run, '--script', file)).status).toBe(0);
  const { head } = JSON.parse(readFileSync(join(run, 'record.json'), 'utf8')) as RunRecord;
  const toolchain = head.hosts[0]?.toolchain.name.replace(':', '-');
  return spawnSync('/bin/sh', [file], {
    encoding: 'utf8',
    timeout: 60_000,
    cwd: place.path,
    env: {
      PATH: process.env.PATH,
      TOOLCHAIN: toolchain === 'host' ? '/' : lastUsed(`toolchain-${toolchain}-`),
      ROOTFS: lastUsed(`root-of-${bundle}-`),
    },
  });
}

/** The images of its one migration, which failed, go as they are, and that is said. */
async function packedWithImages(run: string): Promise<void> {
  const images = 'migrations/0001/images-rhel02.tar.gz';
  const file = join(place.path, 'bug.tar.gz');
  const without = JSON.parse((await thaw('repro', run, '--pack', file, '--json')).stdout) as Packed;
  expect([without.files.includes(images), without.unredacted]).toEqual([false, []]);
  const packed = await thaw('repro', run, '--pack', file, '--images');
  expect(packed.stdout).toContain(`NOT redacted: ${images}, memory of the container`);
  const into = join(place.path, 'unpacked');
  mkdirSync(into);
  execFileSync('tar', ['-xzf', file, '-C', into, '--strip-components=1']);
  const names = execFileSync('tar', ['-tzf', join(into, images)], { encoding: 'utf8' });
  expect(names).toMatch(/^\.\/pages-1\.img$/m);
  expect(readFileSync(join(into, 'REDACTED.txt'), 'utf8')).toContain(`"${images}"`);
}

describe.skipIf(why !== null)(`a run again${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('fails as it did, beside load too; with what the failure came from taken out it does not', async () => {
    const before = inventory();
    const run = await runOf(LOCKS);
    const again = await thaw(
      'repro',
      run,
      '--repeat',
      '2',
      '--stress',
      'cpu',
      'disk',
      '--reports',
      place.path,
      '--json',
    );
    const result = JSON.parse(again.stdout) as ReproResult;
    expect(result).toMatchObject({
      state: 'reproduced',
      symptoms: ['dump failed: file-lock'],
      differences: [],
    });
    expect(result.runs).toMatchObject({ of: 2, failed: 2 });
    expect(again.status).toBe(0);
    // The same record, but of a container that holds no lock.
    const file = join(run, 'record.json');
    const record = JSON.parse(readFileSync(file, 'utf8'));
    for (const args of Object.values<string[]>(record.head.scenario.bundle.args)) {
      args[2] = args[2]?.replace(/^flock.*$/m, '') ?? '';
    }
    const changed = place.write('record.json', JSON.stringify(record));
    const refused = await thaw('repro', changed, '--reports', place.path, '--json');
    expect({ status: refused.status, ran: refused.stdout }).toEqual({ status: 64, ran: '' });
    expect(refused.stderr).toContain('was not begun here, or has been changed since');
    const mended = await thaw('repro', changed, '--yes', '--reports', place.path, '--json');
    expect(JSON.parse(mended.stdout)).toMatchObject({ state: 'passed', runs: { of: 1, failed: 0 } });
    expect(mended.status).toBe(1);
    expect(await settledInventory(before)).toEqual(before);
  });

  test('goes as it did by a shell script without Thaw: a good one, one whose pages follow, and one that fails', async () => {
    const before = inventory();
    const httpd = scenario('httpd', (text) => text.replaceAll('rhel7-httpd', 'replayed'));
    const good = await replay(await runOf(place.write('good.yaml', httpd), '--count', '1'), 'replayed');
    expect(good.status, good.stderr).toBe(0);
    expect(good.stdout).toContain('  rhel01 answers\nREPRODUCED: all migrations completed, as in the run');
    const lazy = await alone(async () => {
      const text = scenario('post-copy', (of) => of.replace('name: nginx', 'name: lazily'));
      const run = await runOf(place.write('lazy.yaml', text), '--count', '1', '--warm-up', '0');
      return replay(run, 'lazily');
    });
    expect(lazy.status, lazy.stderr).toBe(0);
    expect(lazy.stdout).toMatch(/UFFD transferred pages: \((\d+)\/\1\)\n {2}rhel02 answers\nREPRODUCED: /);
    const hooks = join(ROOT, 'scenarios/failures/hooks');
    const taken = scenario('failures/port-taken', (text) =>
      text.replace('name: failures', 'name: refused').replace('hook: hooks', `hook: ${hooks}`),
    );
    const failed = await runOf(place.write('bad.yaml', taken), '--capture', 'images');
    const bad = await replay(failed, 'refused');
    expect(bad.status, bad.stderr).toBe(0);
    expect(bad.stdout).toMatch(
      /REPRODUCED: restore failed as in the run: inet: Can't bind inet socket \(id \d+\): Address already in use/,
    );
    await packedWithImages(failed);
    expect(await settledInventory(before)).toEqual(before);
  });

  test('the smallest scenario that still fails is found, and fails', async () => {
    const before = inventory();
    const changed = scenario('failures/file-lock', (text) =>
      // As little to try as shows it: each change of the mounts would build a root file system.
      text
        .replace('  tmpfs: [/tmp, /run]\n', '')
        .replace('/tmp/lock', '/dev/shm/lock')
        .replace('\n  image-directory: per-migration', '')
        .replace('\n  rate: 20/s', '')
        .replace('  count: 1\n  warm-up: 0', '  count: 2\n  pause: 100ms'),
    );
    const run = await runOf(place.write('locks.yaml', changed));
    const small = join(place.path, 'small.yaml');
    const ended = await thaw('repro', run, '--minimise', small, '--reports', place.path, '--json', '--quiet');
    const found = JSON.parse(ended.stdout) as Minimised;
    expect(found).toMatchObject({ symptoms: ['dump failed: file-lock'], complete: true });
    const gone = found.tried.filter(({ fails }) => fails).map(({ what }) => what);
    expect(gone).toEqual(expect.arrayContaining(['one migration', 'without migration.pause']));
    // The server ends without its page.
    expect(found.tried).toContainEqual({ what: 'without bundle.binds', fails: false });
    expect(parse(readFileSync(small, 'utf8')).migration).toMatchObject({ count: 1, 'warm-up': 0 });
    expect(
      await runOf(small)
        .then((path) => thaw('explain', path))
        .then(({ stdout }) => stdout),
    ).toContain('file-lock');
    expect(await settledInventory(before)).toEqual(before);
  });

  test('--keep leaves everything in place for a shell until it is interrupted, and the record is whole', async () => {
    const before = inventory();
    const { child, ended } = start(['run', LOCKS, '--keep', '--reports', place.path]);
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stdout?.on('data', (chunk) => {
        said += chunk;
        if (said.includes('Ctrl-C ends the run')) resolve();
      });
      child.on('exit', () => reject(new Error(said)));
    });
    const shell = [MAIN, 'testbed', 'shell', 'rhel01', '--testbed', 'netns'];
    const input = 'hostname; runc list -q; ls /runc/containers/failures; exit 0\n';
    const seen = execFileSync(process.execPath, shell, { input, encoding: 'utf8' });
    expect(seen).toMatch(/^rhel01\nfailures\n/);
    expect(seen).toContain('config.json');
    const entered = spawn(process.execPath, shell);
    entered.stdin.write('echo here\n');
    await once(entered.stdout, 'data');
    entered.kill('SIGTERM');
    expect(await once(entered, 'close')).toEqual([143, null]);
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    const [run] = execFileSync('find', [place.path, '-name', 'record.json'], { encoding: 'utf8' }).split(
      '\n',
    );
    const record = JSON.parse(readFileSync(run ?? '', 'utf8'));
    expect(record.migrations).toMatchObject([
      { diagnosis: { failure: 'file-lock' }, outcome: { state: 'failed' } },
    ]);
    const nobody = await thaw('testbed', 'shell', 'rhel01', '--testbed', 'netns');
    expect([nobody.status, nobody.stderr]).toEqual([64, expect.stringContaining('no run goes on')]);
    expect(await settledInventory(before)).toEqual(before);
  });
});
