import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startClock } from '../../harness/clock.ts';
import { arm } from '../../harness/host/armed.ts';
import { CommandError, type Host } from '../../harness/host/host.ts';
import { remoteClock } from '../../harness/host/remote-clock.ts';
import { type SshConnection, type SshTarget, sshConnection } from '../../harness/host/ssh-connection.ts';
import { quoted, sshHost } from '../../harness/host/ssh-host.ts';
import { remoteObserver } from '../../harness/testbed/remote/observer.ts';
import { targetOf } from '../../harness/testbed/remote/target.ts';
import { noSshd, type Sshd, startSshd } from './sshd.ts';

const NASTY = [
  '$(touch /tmp/owned)',
  '`id`',
  '"; exit 9; "',
  "it's",
  'two words',
  '',
  '*',
  '$HOME',
  '\\',
  '\n',
];
const clock = startClock();

test('quoted words mean just themselves', () => {
  expect(quoted(["it's", '', '$x'])).toBe(`'it'\\''s' '' '$x'`);
});

describe.skipIf(noSshd !== null)(`a host over a real sshd${noSshd === null ? '' : ` (${noSshd})`}`, () => {
  let sshd: Sshd;
  const connections: SshConnection[] = [];
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close();
  });
  afterAll(() => sshd.remove());

  const connect = (change: Partial<SshTarget> = {}): SshConnection => {
    const connection = sshConnection({ ...sshd.target, ...change });
    connections.push(connection);
    return connection;
  };
  const host = (connection = connect()): Host =>
    sshHost({
      name: 'rhel01',
      connection,
      sudo: false,
      clock,
      transcript: { record: () => {}, close: async () => {} },
    });

  test('a command has the environment of the host, and is led into its place with its directory', async () => {
    const connection = connect();
    const transcript = { record: () => {}, close: async () => {} };
    const own = { name: 'rhel01', connection, sudo: false, clock, transcript };
    const inside = sshHost({ ...own, env: { GIVEN: "it's" }, enter: ['env', 'PLACE=there'] });
    const script = 'printf "%s %s " "$GIVEN" "$PLACE"; pwd';
    const { stdout } = await inside.exec(['/bin/sh', '-c', script], { timeoutMs: 10_000, cwd: '/usr' });
    expect(stdout).toBe("it's there /usr\n");
    await expect(inside.exec(['true'], { timeoutMs: 10_000, cwd: '/nowhere' })).rejects.toMatchObject({
      result: { status: 126 },
    });
  });

  test('a command gets its arguments, input and directory as they are, and tells status and both streams', async () => {
    const script = 'printf "<%s>" "$@"; cat; pwd; echo said >&2; exit 3';
    const result = await host().exec(['/bin/sh', '-c', script, 'sh', ...NASTY], {
      timeoutMs: 10_000,
      cwd: '/usr',
      input: 'given\n',
      allowFailure: true,
    });
    expect(result).toEqual({
      status: 3,
      stdout: `${NASTY.map((word) => `<${word}>`).join('')}given\n/usr\n`,
      stderr: 'said\n',
    });
    expect(existsSync('/tmp/owned')).toBe(false);
  });

  test('a command that fails, or is not there, is a CommandError that names it', async () => {
    const failing = host().exec(['/bin/sh', '-c', 'echo broken >&2; exit 4'], { timeoutMs: 10_000 });
    await expect(failing).rejects.toThrow(/^\/bin\/sh failed on rhel01: exit 4: .*\n {2}broken$/);
    await expect(host().exec(['/nowhere/at-all'], { timeoutMs: 10_000 })).rejects.toThrow('exit 127');
  });

  test('at its limit a command is ended there, with all it started', async () => {
    const pidFile = join(sshd.directory, 'sleeper');
    const script = 'sleep 60 & echo $! >"$1"; wait';
    const late = host().exec(['/bin/sh', '-c', script, 'sh', pidFile], { timeoutMs: 700 });
    await expect(late).rejects.toThrow('no end within 0.7 s');
    const pid = readFileSync(pidFile, 'utf8').trim();
    for (let i = 0; i < 50 && existsSync(`/proc/${pid}`); i++) await sleep(50);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  test('files come back to the byte, whole or as far as asked; none is null, and a link is not followed', async () => {
    const rhel01 = host();
    const path = join(sshd.directory, 'file');
    await rhel01.put(path, 'content\n', 0o640);
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    writeFileSync(join(sshd.directory, 'bytes'), bytes);
    await rhel01.exec(['ln', '-s', path, join(sshd.directory, 'link')], { timeoutMs: 10_000 });
    const got = await Promise.all(
      ['file', 'bytes', 'none', 'link'].map((name) => rhel01.get(join(sshd.directory, name), 1_000)),
    );
    expect(got).toEqual([Buffer.from('content\n'), bytes, null, null]);
    expect(await rhel01.get(path, 3)).toEqual(Buffer.from('con'));
  });

  test('a host key that is not the known one is refused, with both fingerprints', async () => {
    const other = await startSshd();
    const refused = connect({ hostKeys: other.target.hostKeys }).open();
    await expect(refused).rejects.toThrow(
      /shows another host key than the one that is known: SHA256:\S+ instead of SHA256:\S+$/,
    );
    other.remove();
  });

  test('a key that the host does not take is told as such', async () => {
    const other = await startSshd();
    const denied = connect({ privateKey: other.target.privateKey }).open();
    await expect(denied).rejects.toMatchObject({ next: 'check the user and the key of this host' });
    other.remove();
  });

  test('where nobody answers the error names the address', async () => {
    await expect(connect({ port: 1 }).open()).rejects.toThrow(/no SSH connection to rhel01 .*127\.0\.0\.1:1/);
  });

  test('when the connection breaks, what runs ends as an error, and the next command connects again', async () => {
    const own = await startSshd();
    const rhel01 = host(connect(own.target));
    const running = rhel01.exec(['sleep', '30'], { timeoutMs: 20_000, allowFailure: true });
    await sleep(700);
    own.kill();
    await expect(running).rejects.toThrow(CommandError);
    await expect(rhel01.exec(['true'], { timeoutMs: 5_000 })).rejects.toThrow('no SSH connection to rhel01');
    own.remove();
  });

  test('when the connection breaks, an armed command that runs there ends too: nobody could tell of it', async () => {
    const own = await startSshd();
    const rhel01 = host(connect(own.target));
    const hostClock = remoteClock(rhel01, clock);
    const pidFile = join(own.directory, 'pid-of-command');
    const argv = ['sh', '-c', 'echo $$ >"$1"; exec sleep 60', 'sh', pidFile];
    const options = { clock, hostClock, armLimitMs: 10_000, limitMs: 20_000 };
    const armed = await arm(rhel01, '/tmp', [{ name: 'restore', argv }], options);
    armed.fire();
    const pid = await vi.waitFor(
      () => /^\d+\n$/.exec(readFileSync(pidFile, 'utf8'))?.[0].trim() ?? fail(),
      5_000,
    );
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    own.kill();
    await armed.done.catch(() => {});
    await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), 5_000);
    own.remove();
  });

  test('the process that relays to a host is in a session of its own, where Ctrl-C does not reach it', async () => {
    const keys = join(sshd.directory, 'user');
    const { address, port, hostKeys } = sshd.target;
    const machine = { address, port, user: sshd.target.user, key: keys, 'host-key': hostKeys[0] as string };
    const target = await targetOf('rhel01', machine, ['env', 'RELAY=thaw-test']);
    const rhel01 = host(connect(target));
    await rhel01.exec(['true'], { timeoutMs: 10_000 });
    const relays = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && environmentOf(pid).includes('RELAY=thaw-test'),
    );
    expect(relays.length).toBe(1);
    const [relay = ''] = relays;
    // Field 6 of proc(5)'s stat.
    const session = readFileSync(`/proc/${relay}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
    expect(session).toBe(relay);
  });

  test('armed shells work over it, and their spans lie on the common clock', async () => {
    const rhel01 = host();
    const hostClock = remoteClock(rhel01, clock);
    await hostClock.read();
    const armed = await arm(rhel01, '/tmp', [{ name: 'checkpoint', argv: ['sleep', '0.05'] }], {
      clock,
      hostClock,
      armLimitMs: 10_000,
      limitMs: 10_000,
    });
    const firedMs = clock.now();
    armed.fire();
    expect(await armed.done).toBe(true);
    const doneMs = clock.now();
    await hostClock.read();
    const { exec, exit } = armed.spans().checkpoint ?? { exec: null, exit: null };
    armed.disarm();
    if (exec === null) throw new Error('no span');
    // The clock behind this sshd is the controller's own: the bounds must hold what is known of it.
    const instants = [firedMs, exec.latest, exit.latest, doneMs];
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect(exit.latest - exec.earliest).toBeGreaterThan(50);
  });

  test('the clock that is read over it holds the true one between its bounds', async () => {
    const rhel01 = host();
    const hostClock = remoteClock(rhel01, clock);
    expect(hostClock.toCommon(0n)).toBeNull();
    await hostClock.read();
    const ns = process.hrtime.bigint();
    await hostClock.read();
    const [first] = hostClock.take();
    const { earliest, latest } = hostClock.toCommon(ns) ?? { earliest: 0, latest: 0 };
    const truth = clock.fromNs(ns);
    expect(earliest).toBeLessThanOrEqual(truth);
    expect(latest).toBeGreaterThanOrEqual(truth);
    const wall = Date.now() - Number(process.hrtime.bigint()) / 1e6;
    expect(Math.abs((first?.wallOffsetMs ?? 0) - wall)).toBeLessThan(50);
  });

  test('a growing log is seen from outside, each look between its bounds', async () => {
    const rhel01 = host();
    const hostClock = remoteClock(rhel01, clock);
    await hostClock.read();
    const log = join(sshd.directory, 'dump.log');
    const watching = await remoteObserver(rhel01, hostClock).watch({ log, freezer: null });
    const begunMs = clock.now();
    writeFileSync(log, 'a line\n');
    await sleep(60);
    writeFileSync(log, 'a line\nand one more\n');
    const seen = await watching.stop();
    const endedMs = clock.now();
    await hostClock.read();
    const { log: looks } = seen();
    expect(looks.map(({ bytes }) => bytes)).toEqual([7, 20]);
    for (const { beforeMs, afterMs } of looks) {
      expect(beforeMs).toBeLessThanOrEqual(endedMs);
      expect(afterMs).toBeGreaterThanOrEqual(begunMs);
    }
  });
});

function fail(): never {
  throw new Error('not yet');
}

/** Empty where the process has ended. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
