import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseSample } from '../../harness/probe/samples.ts';
import { packetSpan } from '../../harness/runtime/pcap.ts';
import { crashOf } from './crash.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { recordOf, scenario, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
const installed = (tool: string): boolean => {
  try {
    execFileSync('which', [tool]);
    return true;
  } catch {
    return false;
  }
};
const PERF = installed('perf');
const KINDS = ['packets', 'strace', ...(PERF ? ['perf'] : [])];
/** The names of the processes that a profile has. */
const commandsIn = (profile: string): string[] =>
  execFileSync('perf', ['script', '-F', 'comm', '-i', profile], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  })
    .split('\n')
    .map((line) => line.trim());
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`captures${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test.skipIf(!installed('tcpdump') || !installed('strace'))(
    'packets and system calls lie in the run directory, on its time line, and only what is redacted is packed',
    async () => {
      const before = inventory();
      const ended = await thaw(
        ...['run', 'scenarios/httpd.yaml', '--count', '1', '--warm-up', '0', '--no-limits'],
        ...['--capture', ...KINDS, '--reports', place.path, '--json', '--quiet'],
      );
      const record = recordOf(ended);
      const run = join(place.path, record.head.scenario.name, record.head.id);
      const [migration] = record.migrations;
      expect(migration?.outcome).toEqual({ state: 'completed' });
      expect(migration?.captures.map(({ kind, host, file }) => [kind, host, file !== null])).toEqual([
        ['packets', 'rhel01', true],
        ['packets', 'rhel02', true],
        ['strace', 'rhel01', true],
        ['strace', 'rhel02', true],
        ...(PERF
          ? [
              ['perf', 'rhel01', true],
              ['perf', 'rhel02', false],
            ]
          : []),
      ]);
      const epochMs = Number(record.head.originNs) / 1e6 + record.head.wallOffsetMs;
      const samples = readFileSync(join(run, 'samples.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => parseSample(line));
      for (const capture of migration?.captures ?? []) {
        const { kind, host, file, begunMs, endedMs, packets, firstMs, lastMs, bytes, why } = capture;
        if (kind === 'perf' && host === 'rhel02') {
          expect(why).toBe('it is the same machine: see that of rhel01');
          continue;
        }
        expect(why).toBeNull();
        const content = readFileSync(join(run, file as string));
        expect(content.length).toBe(bytes);
        if (kind === 'perf') {
          expect(commandsIn(join(run, file as string))).toContain('criu');
          continue;
        }
        if (kind === 'strace') {
          expect(content.toString()).toMatch(/\b(?:ptrace|openat|clone3?)\(/);
          continue;
        }
        expect(packetSpan(content)).toEqual({ packets, firstMs, lastMs });
        // A connection for each answer is more packets than that: those at the end are there, too.
        const answered = samples.filter(
          (one) =>
            one.state === 'answered' && one.host === host && one.sent >= begunMs && one.end <= (endedMs ?? 0),
        );
        expect(answered.length).toBeGreaterThan(0);
        expect(packets).toBeGreaterThanOrEqual(6 * answered.length);
        expect((firstMs ?? 0) - epochMs).toBeGreaterThanOrEqual(begunMs - 5);
        expect((lastMs ?? 0) - epochMs).toBeLessThanOrEqual((endedMs ?? 0) + 5);
      }
      expect(record.head.adaptations.map(({ what }) => what)).toContainEqual(
        `of each migration is captured: ${KINDS.join(', ')}`,
      );
      const archive = join(place.path, 'run.tar.gz');
      const packed = JSON.parse((await thaw('repro', run, '--pack', archive, '--json')).stdout);
      expect(packed.files).toContain('migrations/0001/strace-rhel01.txt');
      expect(packed.leftOut.map(({ name }: { name: string }) => name)).toEqual([
        'migrations/0001/packets-rhel01.pcap',
        'migrations/0001/packets-rhel02.pcap',
        ...(PERF ? ['migrations/0001/perf-rhel01.data'] : []),
        // It says that the run was begun on this machine, which is true of no other.
        'seal',
      ]);
      expect(await settledInventory(before)).toEqual(before);
    },
  );

  test('the core dump of a CRIU that crashed is kept, and no other host has one', async () => {
    const hook = place.write('crash.sh', crashOf('rhel02'));
    execFileSync('chmod', ['755', hook]);
    const file = place.write(
      'crash.yaml',
      scenario('counter', (text) => `${text}\nhandover: { hook: ${hook} }\ncapture: [core]\n`),
    );
    const ended = await thaw(
      ...['run', file, '--count', '1', '--warm-up', '0', '--reports', place.path, '--json', '--quiet'],
    );
    const record = recordOf(ended);
    const [migration] = record.migrations;
    expect(migration?.outcome).toMatchObject({ state: 'failed', phase: 'restore', survivor: 'rhel01' });
    const [source, destination] = migration?.captures ?? [];
    expect(source).toMatchObject({ kind: 'core', host: 'rhel01', file: null, why: 'no program crashed' });
    if (readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('|')) {
      expect(destination?.why).toMatch(/^the kernel hands core dumps to a program/);
      return;
    }
    const core = join(place.path, record.head.scenario.name, record.head.id, destination?.file ?? '');
    expect(readFileSync(core).subarray(0, 4).toString('latin1')).toBe('\x7fELF');
  });
});
