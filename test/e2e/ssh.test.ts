import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noSshd } from '../host/sshd.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { type SshLab, sshLab } from './ssh-lab.ts';
import { recordOf, scratch } from './thaw.ts';

const why = whyNotHere() ?? noSshd;

/** What stands in for a CRIU with a sanitizer: it reports as one does, and is else the root's own. */
const REPORTING = `#!/bin/sh
log=$(printf '%s' "$ASAN_OPTIONS" | sed -n 's/.*log_path=\\([^:]*\\).*/\\1/p')
if [ "$1" = swrk ]; then printf '==1==ERROR: AddressSanitizer: stand-in\\nSUMMARY: AddressSanitizer: stand-in\\n' >"$log.criu.$$"; fi
exec /usr/sbin/criu "$@"
`;

describe.skipIf(why !== null)(
  `toolchains of machines over SSH${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    const before = inventory();
    let folder: ReturnType<typeof scratch>;
    let lab: SshLab;
    beforeAll(async () => {
      folder = scratch();
      lab = await sshLab(folder);
    });
    afterAll(async () => {
      await lab?.close();
      folder?.remove();
      expect(await settledInventory(before)).toEqual(before);
    });

    const program = (name: string, text: string): string => {
      const file = folder.write(name, text);
      chmodSync(file, 0o755);
      return file;
    };
    const run = (...args: string[]) =>
      lab.thaw(
        ...[
          'run',
          'scenarios/counter.yaml',
          '--testbed',
          `ssh:${lab.inventory}`,
          '--warm-up',
          '0',
          '--no-limits',
        ],
        ...['--reports', folder.path, '--json', ...args],
      );

    test('source and destination each have their own from a private root, and what a sanitizer says there is kept', async () => {
      const criu = program('criu', REPORTING);
      const toolchain = `rhel01=debian:forky+criu=${criu},rhel02=debian:forky`;
      const ended = await run('--count', '2', '--toolchain', toolchain);
      const record = recordOf(ended);
      expect(record.migrations.map(({ outcome }) => outcome.state)).toEqual(['completed', 'completed']);
      const used = record.head.hosts.map((host) => host.toolchain.name);
      expect(used).toEqual([`debian:forky+criu=${criu}`, 'debian:forky']);
      // The machine's own system, and not the root's.
      expect(record.head.hosts[0]?.distribution).not.toMatch(/forky/);
      expect(record.tail?.sanitizer?.map(({ host, summary }) => [host, summary])).toContainEqual([
        'rhel01',
        'AddressSanitizer: stand-in',
      ]);
      expect(record.tail?.sanitizer?.filter(({ host }) => host === 'rhel02')).toEqual([]);
      expect(record.verdicts.filter(({ state }) => state !== 'pass').map(({ check }) => check)).toEqual([
        'sanitizers',
      ]);
      // Nothing of the place, of CRIU or of runc is left on the machine; its copies are nobody else's.
      expect(await lab.said('rhel01', 'sh', '-c', 'ls -d /run/thaw-* /run/runc 2>/dev/null')).toBe('');
      expect(
        await lab.said('rhel01', 'sh', '-c', 'pidof runc criu unshare; grep -c thaw-place /proc/mounts'),
      ).toBe('0');
      expect(await lab.said('rhel01', 'stat', '-c', '%a %u', '/var/lib/thaw')).toBe('700 0');
    });

    test('what is there already is not copied again, and a tool that does not run there is told', async () => {
      const criu = program('criu-none', '#!/bin/sh\necho "not on this machine" >&2\nexit 1\n');
      const ended = await run('--count', '1', '--toolchain', `debian:forky+criu=${criu}`);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toContain('copying parts-');
      expect(ended.stderr).not.toContain('copying root-');
      expect(ended.stderr).toMatch(
        /the toolchain debian:forky\+criu=\S+ has no criu that runs on rhel0[12]: not on this machine/,
      );
      expect(await lab.said('rhel02', 'sh', '-c', 'ls -d /run/thaw-* 2>/dev/null; pidof unshare')).toBe('');
    });

    test('clean removes the copies', async () => {
      const removed = ['rhel01: /var/lib/thaw/toolchains', 'rhel02: /var/lib/thaw/toolchains'];
      const clean = ['clean', '--testbed', `ssh:${lab.inventory}`, '--json'];
      const would = await lab.thaw(...clean, '--dry-run');
      expect(JSON.parse(would.stdout)).toEqual({ removed, left: [], running: [] });
      const cleaned = await lab.thaw(...clean);
      expect(JSON.parse(cleaned.stdout)).toEqual({ removed, left: [], running: [] });
      expect(await lab.said('rhel01', 'ls', '-A', '/var/lib/thaw')).toBe('');
      const again = await lab.thaw(...clean);
      expect(JSON.parse(again.stdout).removed).toEqual([]);
    });
  },
);
