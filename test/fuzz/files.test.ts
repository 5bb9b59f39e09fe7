import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyRunOf } from '../../harness/analysis/trend/history-run.ts';
import { diagnose } from '../../harness/diagnosis/diagnose.ts';
import { scanLog } from '../../harness/diagnosis/scan.ts';
import { UsageError } from '../../harness/errors.ts';
import { parseSample } from '../../harness/probe/samples.ts';
import { deriveRecord } from '../../harness/run.ts';
import { decodeInventory } from '../../harness/runtime/criu/inventory.ts';
import { lazyPagesIn } from '../../harness/runtime/criu/lazy-pages.ts';
import { firstErrors, LINES_AT_MOST, parseLog } from '../../harness/runtime/criu/log.ts';
import { decodeDumpStats, decodeRestoreStats } from '../../harness/runtime/criu/stats.ts';
import { packetSpan } from '../../harness/runtime/pcap.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { readHistory } from '../../harness/store/history.ts';
import { loadRecord } from '../../harness/store/load-record.ts';
import { loadSuiteResult } from '../../harness/store/suite.ts';
import { parseInventory } from '../../harness/testbed/remote/inventory.ts';
import { CRIU, makeRun, record } from '../store/fixture.ts';
import { damagedFrom, FUZZ, LIMIT_MS, takenOrTold } from './fuzz.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-fuzz-'));
});
afterAll(() => rmSync(place, { recursive: true }));

const criu = (name: string) => readFileSync(join(CRIU, name));
const text = (value: unknown) => Buffer.from(JSON.stringify(value));
const shipped = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url));
const inFile = (read: (file: string) => unknown) => (bytes: Buffer) => {
  const file = join(place, 'file');
  writeFileSync(file, bytes);
  return read(file);
};

const LOG = Buffer.from(
  '(00.000001) Version: 4.2.1 (gitid 0)\n(00.1) x\n(00.239630) Error (criu/sk-inet.c:188): inet: Connected TCP socket\n',
);
const INVENTORY = Buffer.from(
  'hosts: {rhel01: {address: 10.0.0.1, host-key: ssh-ed25519 AAAA}, rhel02: {}}\n',
);
const SAMPLE = text({
  n: 1,
  due: 10,
  state: 'failed',
  sent: 1,
  end: 2,
  kind: 'refused',
  detail: 'x',
  connection: null,
});

/** Two packets of one byte. */
function pcap(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  const packets = [1, 2].map((second) => {
    const packet = Buffer.alloc(17);
    packet.writeUInt32LE(second, 0);
    packet.writeUInt32LE(1, 8);
    packet.writeUInt32LE(1, 12);
    return packet;
  });
  return Buffer.concat([header, ...packets]);
}

const READERS: Record<string, { good: Buffer; read: (bytes: Buffer) => unknown }> = {
  'a scenario': { good: shipped('scenarios/httpd.yaml'), read: (b) => parseScenario(b.toString(), 'x.yaml') },
  'an inventory': { good: INVENTORY, read: (b) => parseInventory(b.toString(), 'x.yaml') },
  'stats-dump': { good: criu('stats-dump'), read: (b) => decodeDumpStats(b, 'x') },
  'stats-restore': { good: criu('stats-restore'), read: (b) => decodeRestoreStats(b, 'x') },
  'inventory.img': { good: criu('inventory.img'), read: (b) => decodeInventory(b, 'x') },
  'a log of CRIU': { good: LOG, read: (b) => [firstErrors(parseLog(b)), lazyPagesIn(b.toString())] },
  'a log to explain': {
    good: LOG,
    read: (b) =>
      diagnose({
        logs: [scanLog('dump.log', [b.subarray(0, 50), b.subarray(50)])],
        phase: null,
        versions: { criu: null, kernel: null },
        words: { host: 'that host' },
      }),
  },
  'a sample': { good: SAMPLE, read: (b) => parseSample(b.toString(), 'x:1') },
  'a record': { good: text(record), read: inFile(loadRecord) },
  'the result of a suite': {
    good: text({ schema: 1, planned: [], cells: [] }),
    read: inFile(loadSuiteResult),
  },
  'a capture of packets': { good: pcap(), read: (b) => packetSpan(b) },
  'a history': { good: text(historyRunOf(record, 'x')), read: inFile(readHistory) },
};

describe('whatever the bytes are, they are taken or refused in words', () => {
  it.each(Object.entries(READERS))(
    '%s',
    async (_, { good, read }) => {
      await fc.assert(
        fc.asyncProperty(damagedFrom(good), (bytes) => takenOrTold(() => read(bytes))),
        FUZZ,
      );
    },
    LIMIT_MS,
  );

  const FILES = ['head.json', 'tail.json', 'migrations.ndjson', 'samples.ndjson', 'migrations/0001/dump.log'];
  it.each(FILES)(
    'a run whose %s is damaged',
    async (name) => {
      const run = makeRun(mkdtempSync(join(place, 'run-'))).directory;
      const damage = damagedFrom(readFileSync(join(run, name)));
      const derived = (bytes: Buffer) => {
        writeFileSync(join(run, name), bytes);
        return takenOrTold(() => deriveRecord(run));
      };
      await fc.assert(fc.asyncProperty(damage, derived), { ...FUZZ, numRuns: Math.ceil(FUZZ.numRuns / 5) });
    },
    LIMIT_MS,
  );
});

describe('a bomb of YAML is refused before it goes off', () => {
  const laughs = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`)}]`);
  it.each([
    ['lists in lists', '['.repeat(1_000_000), 'lies too deep'],
    ['maps in maps', '{a: '.repeat(200_000), 'lies too deep'],
    ['keys that are keys', '? '.repeat(500_000), 'lies too deep'],
    ['items of items', '- '.repeat(500_000), 'lies too deep'],
    [
      'blocks in blocks',
      Array.from({ length: 1_400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'lies too deep',
    ],
    [
      'keys without end',
      Array.from({ length: 99_999 }, (_, i) => `k${i}: x`).join('\n'),
      'there is too much',
    ],
    [
      'anchors without end',
      Array.from({ length: 99_999 }, (_, i) => `- &a${i} x`).join('\n'),
      'there is too much',
    ],
    ['aliases of aliases', ['a0: &a0 [x]', ...laughs].join('\n'), 'aliases expand to too much'],
  ])(
    '%s',
    (_, bomb, told) => {
      expect(() => parseScenario(bomb, 'x.yaml')).toThrow(told);
      expect(() => parseInventory(bomb, 'x.yaml')).toThrow(UsageError);
    },
    LIMIT_MS,
  );
});

it(
  'a log of one line without end, or of nothing but errors, takes no more memory than another',
  () => {
    const flood = Buffer.from('(00.000001) Error (criu/x.c:1): x\n'.repeat(30_000));
    const chunks = function* (bytes: Buffer) {
      for (let i = 0; i < 40; i++) yield bytes;
    };
    expect(scanLog('dump.log', chunks(flood)).errors).toHaveLength(5);
    const endless = scanLog('dump.log', chunks(Buffer.alloc(1 << 20, 'Error ')));
    expect(endless.errors.every((line) => line.text.length <= 1_000)).toBe(true);
    expect(endless.errors.length).toBeLessThanOrEqual(400);
  },
  LIMIT_MS,
);

it.each([
  ['lines', '(00.000001) x\n', LINES_AT_MOST],
  ['empty lines', '\n', 1],
])(
  'a log of nothing but %s becomes no more than so many of them',
  (_, line, kept) => {
    const log = parseLog(Buffer.alloc(1 << 26, line));
    expect(log).toHaveLength(kept);
    expect(log.at(-1)?.endByte).toBeLessThanOrEqual(LINES_AT_MOST * line.length);
  },
  LIMIT_MS,
);
