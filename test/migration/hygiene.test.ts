import { describe, expect, test } from 'vitest';
import type { Host } from '../../harness/host/host.ts';
import { CommandError } from '../../harness/host/host.ts';
import { beginHygiene } from '../../harness/migration/hygiene.ts';
import type { TestbedHost } from '../../harness/testbed/testbed.ts';

const request = {
  container: { runtime: 'runc' as const, id: 'web' },
  bundle: '/runc/containers/web',
  service: { name: 'x', address: '10.0.0.9', prefixLength: 24, port: 80 },
  keepsImages: false,
};

/** A host that tells these lines, one look after the other; null: it does not answer. */
function telling(...looks: (string[] | null)[]): { host: TestbedHost; asked: string[] } {
  return named('rhel01', ...looks);
}

function named(name: string, ...looks: (string[] | null)[]): { host: TestbedHost; asked: string[] } {
  const asked: string[] = [];
  const host = {
    name,
    async exec(argv: readonly string[]) {
      if (argv[0] !== 'perl') {
        asked.push(shown(argv));
        return { status: 0, stdout: '', stderr: '' };
      }
      const lines = looks.shift();
      if (lines === undefined) throw new Error('one look too many');
      if (lines === null) throw new CommandError('rhel01', argv, null, 1);
      return { status: 0, stdout: lines.map((line) => `${line}\n`).join(''), stderr: '' };
    },
  } as unknown as Host;
  return { host: { host, interface: 'eth0' } as TestbedHost, asked };
}

/** Without the text of a script, and of other programs only what they are. */
function shown(argv: readonly string[]): string {
  if (argv[0] === '/bin/sh') return [...argv.slice(0, 2), ...argv.slice(4)].join(' ');
  return argv.slice(0, /^(umount|rm)$/.test(argv[0] ?? '') ? undefined : 2).join(' ');
}

describe('what a migration leaves on a host', () => {
  test('nothing, where it is as it was: one look, and nothing is removed', async () => {
    const { host, asked } = telling(['setting a = 1'], ['setting a = 1']);
    const hygiene = await beginHygiene([host], request);
    expect(await hygiene.after([host], null)).toEqual([{ host: 'rhel01', known: true, left: [], gone: [] }]);
    expect(asked).toEqual([]);
  });

  test('what the container has is no litter where it runs, and is where it does not', async () => {
    const own = [
      'own process 7: httpd',
      'own address inet 10.0.0.9/24 on eth0',
      'own state web of the runtime',
    ];
    const here = telling([], own);
    const first = await beginHygiene([here.host], request);
    expect(await first.after([here.host], 'rhel01')).toMatchObject([{ left: [] }]);
    const gone = telling([], own, []);
    const second = await beginHygiene([gone.host], request);
    const [found] = await second.after([gone.host], null);
    expect(found?.left.map(({ removed }) => removed)).toEqual([true, true, true]);
    expect(gone.asked).toEqual(['/bin/sh -c /run/runc/web', 'runc delete', 'ip address']);
  });

  test('what is left of a CRIU of this container goes by its PID, and what is of another container does not', async () => {
    const daemon = (pid: number, id: string): string =>
      `process ${pid}: criu lazy-pages --page-server --images-dir /runc/images/${id}/0001 --daemon`;
    const held = (pid: number, id: string): string =>
      `deleted file held by criu (${pid}): /runc/images/${id}/0002 (deleted)`;
    const litter = [daemon(137, 'web'), held(141, 'web'), daemon(138, 'other'), held(139, 'web-2')];
    const { host, asked } = telling([], litter, litter.slice(2));
    const hygiene = await beginHygiene([host], request);
    const [found] = await hygiene.after([host], 'rhel01');
    expect(found?.left.map(({ removed }) => removed)).toEqual([true, true, false, false]);
    expect(asked).toEqual(['/bin/sh -c 137 /runc/images/web/0001 141 /runc/images/web/0002']);
  });

  test('mounts of a killed CRIU among the images go, the inner ones first, and then the images', async () => {
    const yard = '/run/thaw-images/web/0002/.criu.cgyard.8ziwAu';
    const litter = [
      'file /run/thaw-images/web/0002',
      'file /tmp/.criu.mntns.haOFLf',
      `mount ${yard} (tmpfs)`,
      `mount ${yard}/blkio (cgroup)`,
      'mount /tmp/.criu.cgyard.other (tmpfs)',
    ];
    const { host, asked } = telling([], litter, litter.slice(-1));
    const hygiene = await beginHygiene([host], request);
    const [found] = await hygiene.after([host], 'rhel01');
    expect(found?.left.map(({ removed }) => removed)).toEqual([true, true, true, true, false]);
    expect(asked).toEqual([
      `umount -l -- ${yard}/blkio`,
      `umount -l -- ${yard}`,
      'rm -rf --one-file-system -- /run/thaw-images/web/0002',
      '/bin/sh -c /tmp/.criu.mntns.haOFLf',
    ]);
  });

  test('what is not surely ours is told, left alone, and told once', async () => {
    const litter = ['setting a = 2', 'mount /mnt (tmpfs)', 'file /runc/containers/web/core'];
    const { host, asked } = telling(['setting a = 1'], litter, litter.slice(0, 2), litter.slice(0, 2));
    const hygiene = await beginHygiene([host], request);
    expect(await hygiene.after([host], 'rhel01')).toEqual([
      {
        host: 'rhel01',
        known: true,
        left: litter.map((what) => ({ what, removed: what.startsWith('file') })),
        gone: ['setting a = 1'],
      },
    ]);
    expect(asked).toEqual(['rm -rf --one-file-system -- /runc/containers/web/core']);
    expect(await hygiene.after([host], 'rhel01')).toMatchObject([{ known: true, left: [], gone: [] }]);
  });

  test('what is on the share is told once, by the first host that saw it, and removed after all have looked', async () => {
    const share = ['file /runc/containers/web/core', 'room /runc 10000'];
    const dead = '/tmp/.criu.mntns.two';
    const one = named('rhel01', ['room /runc 90000'], share, ['room /runc 90000']);
    const two = named('rhel02', ['room /runc 90000'], [...share, `file ${dead}`], ['room /runc 90000']);
    const hygiene = await beginHygiene([one.host, two.host], request);
    expect(await hygiene.after([one.host, two.host], 'rhel02')).toMatchObject([
      {
        host: 'rhel01',
        left: [
          { what: share[0], removed: true },
          { what: 'room on /runc: 87 MiB were free before', removed: true },
        ],
      },
      { host: 'rhel02', left: [{ what: `file ${dead}`, removed: true }] },
    ]);
    expect(one.asked).toEqual(['rm -rf --one-file-system -- /runc/containers/web/core']);
    expect(two.asked).toEqual([`/bin/sh -c ${dead}`]);
  });

  test('what comes while another host is tidied is told after the next migration', async () => {
    const late = 'rule -A INPUT -j DROP';
    const one = named('rhel01', [], ['mount /mnt (tmpfs)'], ['mount /mnt (tmpfs)']);
    const two = named('rhel02', [], [], [late], [late], [late]);
    const hygiene = await beginHygiene([one.host, two.host], request);
    expect(await hygiene.after([one.host, two.host], null)).toMatchObject([
      { left: [{ what: 'mount /mnt (tmpfs)', removed: false }] },
      { left: [] },
    ]);
    expect(await hygiene.after([two.host], null)).toMatchObject([{ left: [{ what: late, removed: false }] }]);
  });

  test('room that is gone is told once, also where it went little by little', async () => {
    const looks = [100_000, 95_000, 91_000, 91_000, 91_000].map((free) => [`room /runc ${free}`]);
    const { host, asked } = telling(...looks);
    const hygiene = await beginHygiene([host], request);
    expect(await hygiene.after([host], 'rhel01')).toMatchObject([{ left: [] }]);
    const what = 'room on /runc: 97 MiB were free before';
    expect(await hygiene.after([host], 'rhel01')).toMatchObject([{ left: [{ what, removed: false }] }]);
    expect(await hygiene.after([host], 'rhel01')).toMatchObject([{ left: [] }]);
    expect(asked).toEqual([]);
  });

  test('files of others are not removed, whatever their names', async () => {
    const litter = ['file /runc/containers/web-2/core', 'file /run/.criu.x'];
    const { host, asked } = telling([], litter, litter);
    const hygiene = await beginHygiene([host], request);
    expect(await hygiene.after([host], 'rhel01')).toMatchObject([
      { left: [{ removed: false }, { removed: false }] },
    ]);
    expect(asked).toEqual([]);
  });

  test('a host that does not answer is unknown, and is asked again the next time', async () => {
    const { host } = telling(['setting a = 1'], null, ['setting a = 1']);
    const hygiene = await beginHygiene([host], request);
    expect(await hygiene.after([host], null)).toEqual([{ host: 'rhel01', known: false, left: [], gone: [] }]);
    expect(await hygiene.after([host], null)).toMatchObject([{ known: true, left: [] }]);
  });
});
