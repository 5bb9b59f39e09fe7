import { existsSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { startClock } from '../../harness/clock.ts';
import { arm } from '../../harness/host/armed.ts';
import { CommandError, type Host } from '../../harness/host/host.ts';
import { sharedClock } from '../../harness/host/host-clock.ts';
import { type FakeHost, fakeHost, type Stubs } from '../fake-host.ts';

const clock = startClock();
const limits = { clock, hostClock: sharedClock(clock), armLimitMs: 5_000, limitMs: 5_000 };
const hosts: FakeHost[] = [];
const host = (stubs: Stubs = {}): FakeHost => {
  const made = fakeHost('rhel01', stubs);
  hosts.push(made);
  return made;
};
afterEach(() => {
  for (const made of hosts.splice(0)) made.remove();
});

test('nothing runs before it is fired, and the steps run in order after', async () => {
  const rhel01 = host();
  const armed = await arm(
    rhel01,
    '/tmp',
    [
      { name: 'checkpoint', argv: ['runc', 'checkpoint', 'web'] },
      { name: 'release-address', argv: ['ip', '-batch', '-'], input: 'address del 10.0.0.1/24 dev eth0' },
    ],
    limits,
  );
  expect(rhel01.calls()).toEqual([]);
  armed.fire();
  await armed.done;
  const spans = armed.spans();
  expect(rhel01.calls()).toEqual([
    'rhel01: runc checkpoint web',
    'rhel01: ip address del 10.0.0.1/24 dev eth0',
  ]);
  expect(Object.keys(spans)).toEqual(['checkpoint', 'release-address']);
  expect(spans.checkpoint?.status).toBe(0);
  armed.disarm();
});

test('no argument is read as shell, whatever it holds', async () => {
  const nasty = ['$(touch /tmp/owned)', '`id`', '"; exit 9; "', "it's", 'two words', '', '*', '$HOME', '\\'];
  const rhel01 = host({ runc: 'printf "<%s>" "$@" >&2' });
  const armed = await arm(rhel01, '/tmp', [{ name: 'restore', argv: ['runc', ...nasty] }], limits);
  armed.fire();
  await armed.done;
  await armed.over;
  expect(armed.output()).toBe(nasty.map((argument) => `<${argument}>`).join(''));
  armed.disarm();
});

test('a line for a waiting command is passed on as it is', async () => {
  const rhel01 = host({ tee: '' });
  const input = 'address "add" $(id) `id` \\ 10.0.0.1';
  const armed = await arm(
    rhel01,
    '/tmp',
    [{ name: 'claim-address', argv: ['/bin/sh', '-c', 'cat >&2'], input }],
    limits,
  );
  armed.fire();
  await armed.done;
  await armed.over;
  expect(armed.output()).toBe(`${input}\n`);
  armed.disarm();
});

test.each([0, 3])(
  'a waiting command that has ended before its line counts by its status, %d',
  async (status) => {
    const rhel01 = host();
    const argv = ['/bin/sh', '-c', `exit ${status}`];
    const armed = await arm(
      rhel01,
      '/tmp',
      [
        { name: 'release-hook', argv, input: 'go' },
        { name: 'restore', argv: ['runc', 'restore', 'web'] },
      ],
      limits,
    );
    await vi.waitFor(async () => {
      const { stdout } = await rhel01.exec(['ps', '-eo', 'args'], { timeoutMs: 5_000 });
      expect(stdout).not.toContain(`exit ${status}\n`);
    });
    armed.fire();
    expect(await armed.done).toBe(status === 0);
    expect(armed.spans()['release-hook']?.status).toBe(status);
    expect(rhel01.calls()).toEqual(status === 0 ? ['rhel01: runc restore web'] : []);
    expect(armed.output()).toBe('');
    armed.disarm();
  },
);

test('a step that fails ends the sequence and keeps its status', async () => {
  const rhel01 = host({ runc: 'echo broken >&2; exit 3' });
  const armed = await arm(
    rhel01,
    '/tmp',
    [
      { name: 'checkpoint', argv: ['runc', 'checkpoint', 'web'] },
      { name: 'release-address', argv: ['ip', '-batch', '-'], input: 'address del 10.0.0.1/24 dev eth0' },
    ],
    limits,
  );
  armed.fire();
  const succeeded = await armed.done;
  const spans = armed.spans();
  expect({ succeeded, status: spans.checkpoint?.status, released: 'release-address' in spans }).toEqual({
    succeeded: false,
    status: 3,
    released: false,
  });
  expect(armed.output()).toBe('broken\n');
  armed.disarm();
});

test('the spans lie between fire and done, in order, with exec before exit', async () => {
  const rhel01 = host({ runc: 'sleep 0.05' });
  const armed = await arm(
    rhel01,
    '/tmp',
    [
      { name: 'claim-address', argv: ['ip', '-batch', '-'], input: 'address add 10.0.0.1/24 dev eth0' },
      { name: 'restore', argv: ['runc', 'restore', 'web'] },
    ],
    limits,
  );
  const firedMs = clock.now();
  armed.fire();
  await armed.done;
  const spans = armed.spans();
  const doneMs = clock.now();
  const claim = spans['claim-address'];
  const restore = spans.restore;
  if (claim === undefined || restore === undefined) throw new Error('a span is missing');
  const instants = [
    firedMs,
    claim.exec.earliest,
    claim.exit.latest,
    restore.exec.earliest,
    restore.exit.latest,
    doneMs,
  ];
  expect(instants).toEqual([...instants].sort((a, b) => a - b));
  expect(restore.exit.earliest - restore.exec.earliest).toBeGreaterThan(49);
  armed.disarm();
});

test('a command that does not end within its limit is killed and named', async () => {
  const rhel01 = host({ runc: 'exec sleep 60' });
  const armed = await arm(rhel01, '/tmp', [{ name: 'restore', argv: ['runc', 'restore', 'web'] }], {
    ...limits,
    limitMs: 200,
  });
  armed.fire();
  await expect(armed.done).rejects.toThrow('runc failed on rhel01: no end within 0.2 s: runc restore web');
});

test('when nobody listens any more, the command ends with all that it started, and no step comes after it', async () => {
  const rhel01 = host({
    runc: 'sleep 60 & echo "$$ $!" >"$FAKE/pids.new"; mv "$FAKE/pids.new" "$FAKE/pids"; wait',
  });
  let stdin: Writable | undefined;
  const heard: Host = {
    ...rhel01,
    spawn(argv, options) {
      const child = rhel01.spawn(argv, options);
      stdin = child.stdin;
      return child;
    },
  };
  const restore = { name: 'restore', argv: ['runc', 'restore', 'web'] } as const;
  const armed = await arm(heard, '/tmp', [restore, RELEASE], limits);
  armed.fire();
  let pids: string[] = [];
  await vi.waitFor(async () => {
    const { stdout } = await rhel01.exec(['sh', '-c', 'cat "$FAKE/pids"'], { timeoutMs: 5_000 });
    pids = stdout.trim().split(' ');
  }, 5_000);
  expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([true, true]);
  stdin?.end();
  await expect(armed.done).rejects.toThrow(CommandError);
  await vi.waitFor(() => expect(pids.filter(lives)).toEqual([]), 5_000);
  expect(rhel01.calls()).toEqual(['rhel01: runc restore web']);
});

/** One that has ended may wait for whoever adopted it. */
function lives(pid: string): boolean {
  try {
    return !/^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a directory that is not there is an error while arming, not later', async () => {
  await expect(arm(host(), '/nowhere', [{ name: 'restore', argv: ['runc'] }], limits)).rejects.toThrow(
    CommandError,
  );
});

test('a shell that was never fired ends when it is disarmed, and runs nothing', async () => {
  const rhel01 = host();
  const armed = await arm(rhel01, '/tmp', [{ name: 'restore', argv: ['runc', 'restore', 'web'] }], limits);
  armed.disarm();
  await expect(armed.done).rejects.toThrow(CommandError);
  expect(rhel01.calls()).toEqual([]);
});

const SERVER = { name: 'checkpoint', argv: ['runc', 'checkpoint', 'web'], servesAs: 'page-server' } as const;
const RELEASE = {
  name: 'release-address',
  argv: ['ip', '-batch', '-'],
  input: 'address del a dev b',
} as const;

test('a command that serves is over when it says so, and its life is told beside', async () => {
  const rhel01 = host({ runc: "printf '\\0' >&6; exec 6>&-; sleep 0.4" });
  const armed = await arm(rhel01, '/tmp', [SERVER, RELEASE], limits);
  armed.fire();
  expect(await armed.done).toBe(true);
  const ready = armed.spans();
  expect(Object.keys(ready)).toEqual(['checkpoint', 'page-server', 'release-address']);
  expect([ready.checkpoint?.status, ready['page-server']?.status]).toEqual([0, -1]);
  await armed.over;
  const spans = armed.spans();
  expect(spans['page-server']?.status).toBe(0);
  const exit = (name: 'checkpoint' | 'page-server') => spans[name]?.exit.earliest ?? Number.NaN;
  expect(exit('page-server') - exit('checkpoint')).toBeGreaterThan(300);
  armed.disarm();
});

test('a command that ends before it could serve has failed, and nothing comes after it', async () => {
  const rhel01 = host({ runc: 'echo no images >&2; exit 3' });
  const armed = await arm(rhel01, '/tmp', [SERVER, RELEASE], limits);
  armed.fire();
  expect(await armed.done).toBe(false);
  expect(rhel01.calls()).toEqual(['rhel01: runc checkpoint web']);
  expect(armed.spans().checkpoint?.status).toBe(3);
  expect(armed.output()).toContain('no images');
  armed.disarm();
});

test('a command that only ends, without a word that it serves, has failed too', async () => {
  const armed = await arm(host(), '/tmp', [SERVER, RELEASE], limits);
  armed.fire();
  expect(await armed.done).toBe(false);
  expect(armed.spans().checkpoint?.status).toBe(1);
  armed.disarm();
});

test('a command that serves past the limit is ended, and leaves no status', async () => {
  const rhel01 = host({ runc: "printf '\\0' >&6; exec 6>&-; sleep 60" });
  const armed = await arm(rhel01, '/tmp', [SERVER, RELEASE], { ...limits, limitMs: 3_000 });
  armed.fire();
  expect(await armed.done).toBe(true);
  await armed.over;
  const spans = armed.spans();
  expect([spans['release-address']?.status, spans['page-server']?.status]).toEqual([0, -1]);
});

test('a last step in the background has ended when all is done, so that disarming does not keep it from coming about', async () => {
  const rhel01 = host({ arping: 'sleep 0.2; echo told >&2' });
  const armed = await arm(
    rhel01,
    '/tmp',
    [
      { name: 'claim-address', argv: ['ip', 'address', 'add'] },
      { name: null, argv: ['arping', '-U'] },
    ],
    limits,
  );
  armed.fire();
  expect(await armed.done).toBe(true);
  armed.disarm();
  expect(armed.output()).toBe('told\n');
  expect(Object.keys(armed.spans())).toEqual(['claim-address']);
});

test('a step in the background before others is not waited for', async () => {
  const rhel01 = host({ arping: 'sleep 30' });
  const armed = await arm(
    rhel01,
    '/tmp',
    [
      { name: null, argv: ['arping', '-U'] },
      { name: 'restore', argv: ['runc', 'restore', 'web'] },
    ],
    limits,
  );
  armed.fire();
  expect(await armed.done).toBe(true);
  armed.disarm();
});
