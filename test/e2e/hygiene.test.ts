import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { recordOf, scenario, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

// What CRIU, a runtime or a hook could leave, each of another kind; left once, on whoever claims first.
const LITTER = `#!/bin/sh
read -r _
[ "$1" = claim ] && [ "$(uname -n)" = rhel02 ] && [ ! -e /run/littered ] || exit 0
: > /run/littered
iptables -A INPUT -s 198.51.100.7 -j DROP
ip address add 198.51.100.9/32 dev lo
mkdir -p /run/.criu.litter && mount -t tmpfs litter /run/.criu.litter
echo 77 > /proc/sys/net/ipv4/ip_default_ttl
head -c 20000000 /dev/zero > /runc/containers/counter/litter
: > /run/room && head -c 20000000 /dev/zero > /run/room
cp /bin/sleep /run/criu
mkdir /tmp/.criu.mntns.dead /tmp/.criu.mntns.lives
setsid unshare -m sh -c 'mount -t tmpfs x /tmp/.criu.mntns.lives; exec /run/criu 60' >/dev/null 2>&1 </dev/null &
exec 9> /run/thaw-litter && rm /run/thaw-litter
setsid sleep 60 >/dev/null 2>&1 </dev/null &
`;

describe.skipIf(why !== null)(`hosts after a migration${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('what is left there is told once, with what of it was removed', async () => {
    const before = inventory();
    const hook = place.write('hook.sh', LITTER);
    chmodSync(hook, 0o755);
    const file = place.write(
      'litter.yaml',
      scenario('counter', (text) => `${text}\nhandover: { hook: ${hook} }\n`),
    );
    const ended = await thaw(
      'run',
      file,
      '--count',
      '2',
      '--warm-up',
      '0',
      '--reports',
      place.path,
      '--json',
    );
    const { migrations } = recordOf(ended);
    const told = migrations.flatMap(({ number, hygiene }) =>
      hygiene.flatMap(({ host, left }) =>
        left.map(({ what, removed }) => ({
          number,
          host,
          what: what.replace(/^(room on [^:]*): .*/, '$1'),
          removed,
        })),
      ),
    );
    const subjects = told.map(({ what }) => what);
    expect(subjects).toEqual([...new Set(subjects)]);
    // What both hosts see, on their share, is told by the first of them.
    const onShare = ['file /runc/containers/counter/litter', 'room on /runc'];
    expect(told.map(({ number, host, what }) => ({ number, host, what }))).toEqual(
      subjects.map((what) => ({ number: 1, host: onShare.includes(what) ? 'rhel01' : 'rhel02', what })),
    );
    expect(Object.fromEntries(told.map(({ what, removed }) => [what, removed]))).toMatchObject({
      'rule -A INPUT -s 198.51.100.7/32 -j DROP': false,
      'address inet 198.51.100.9/32 on lo': false,
      'mount /run/.criu.litter (tmpfs)': false,
      'file /run/.criu.litter': false,
      'setting /proc/sys/net/ipv4/ip_default_ttl = 77 ': false,
      'file /runc/containers/counter/litter': true,
      // A killed CRIU's goes although another lives beside it, and that one's stays.
      'file /tmp/.criu.mntns.dead': true,
      'file /tmp/.criu.mntns.lives': false,
      // What went with the file that was removed is there again.
      'room on /run': false,
      'room on /runc': true,
    });
    expect(subjects).toContainEqual(
      expect.stringMatching(/^deleted file held by (sleep|criu) .*\/run\/thaw-litter/),
    );
    expect(migrations.flatMap(({ hygiene }) => hygiene.flatMap(({ gone }) => gone))).toEqual([
      'setting /proc/sys/net/ipv4/ip_default_ttl = 64 ',
    ]);
    expect(migrations.every(({ hygiene }) => hygiene.every(({ known }) => known))).toBe(true);
    expect(await settledInventory(before)).toEqual(before);
  });
});
