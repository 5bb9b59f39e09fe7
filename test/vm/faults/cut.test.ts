import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordOf, scenario, scratch, thaw } from '../../e2e/thaw.ts';
import { onGuest, whenOnGuest } from '../guest.ts';
import { whyNoMachines } from '../machines.ts';
import { SLOW } from '../once.ts';

const why = whyNoMachines();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

/** It tells what it was called for, and takes its time where it is asked to. */
const HOOK = `#!/bin/sh
read -r go || exit 0
: >"/run/hook-$1"
[ "$1" = release ] && [ -e /run/hook-waits ] && sleep 5
exit 0
`;

/** nginx between two guests, so many times from the first to the second, with a hook and more. */
async function run(count: number, more: (text: string) => string = (text) => text) {
  chmodSync(place.write('hook.sh', HOOK), 0o755);
  const file = place.write(
    'nginx.yaml',
    `${scenario('nginx-established', (text) => more(text.replace('warm-up: 1', 'warm-up: 0')))}\nhandover: { hook: hook.sh }\n`,
  );
  const ended = await thaw('run', file, ...SLOW, '--count', String(count), '--reports', place.path);
  return { status: ended.status, record: recordOf(ended) };
}

const HOSTS = ['rhel01', 'rhel02'];
// Not in those words, which are among the arguments of the shell that waits, too: it goes on after the first.
const CUT = "pkill -KILL -f '[s]shd: vagrant'";
// All but the loopback, in both directions, as when somebody pulls the cable; hygiene has no say in this table.
const RULES = ['PREROUTING ! -i lo -j DROP', 'OUTPUT ! -o lo -j DROP'];
const rules = (how: string): string => RULES.map((rule) => `iptables -t raw ${how} ${rule}`).join('; ');
const PULL = `${rules('-I')}; sleep 45; ${rules('-D')}`;
const WAITS = 'rm -f /run/hook-*; : >/run/hook-waits';
// CRIU runs another tar in the dump, for what lies in tmpfs.
const SENDS = 'pgrep -x -a tar | grep -q " -c -C "';
const DUMPS = 'pgrep -x -a runc | grep -q " checkpoint "';
const RESTORES = 'pgrep -x -a runc | grep -q " restore "';
const HANDS_OVER = '[ -e /run/hook-release ]';

function nothingIsLeft(): void {
  for (const host of HOSTS) onGuest(host, 'rm -f /run/hook-*');
  for (const host of HOSTS) {
    const left = onGuest(
      host,
      'runc list -q; pidof nginx criu; ip -o address | grep 10.77.0.100; iptables -t raw -S | grep DROP',
    );
    expect([host, left]).toEqual([host, '']);
  }
}

describe.skipIf(why !== null)(`what is cut${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('a connection, while images are sent and in the handover: the container is at its source, and only there', async () => {
    onGuest('rhel01', WAITS);
    whenOnGuest('rhel01', [
      [SENDS, CUT],
      [HANDS_OVER, CUT],
    ]);
    const { status, record } = await run(2, (text) =>
      text
        .replace('image-directory: per-migration', 'transfer: copy')
        .concat('\nnetwork: { rate: 8Mbit/s }\n'),
    );
    expect(status).toBe(1);
    const failed = { state: 'failed', survivor: 'rhel01', rolledBack: true };
    expect(record.migrations.map(({ outcome }) => outcome)).toMatchObject([
      { ...failed, phase: 'transfer' },
      { ...failed, phase: 'handover' },
    ]);
    expect(record.servedBy.map(({ host }) => host)).toEqual(['rhel01']);
    nothingIsLeft();
  });

  test.each([
    ['dump', 'rhel01', DUMPS],
    ['handover', 'rhel01', HANDS_OVER],
    ['restore', 'rhel02', RESTORES],
  ])(
    'the network of a host in the %s, for 45 s: one container, at its source',
    async (phase, host, moment) => {
      onGuest(host, WAITS);
      whenOnGuest(host, [[moment, PULL]]);
      const { status, record } = await run(1);
      expect(status).toBe(1);
      expect(record.migrations.map(({ outcome }) => outcome)).toMatchObject([
        { state: 'failed', phase, survivor: 'rhel01' },
      ]);
      expect(record.servedBy.map((stretch) => stretch.host)).toEqual(['rhel01']);
      nothingIsLeft();
    },
  );
});
