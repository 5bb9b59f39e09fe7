import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import type { Sample } from '../../harness/model.ts';
import { parseSample, readSamples, sampleLine, tailSamples } from '../../harness/probe/samples.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-samples-'));
  file = join(directory, 'samples.ndjson');
});
afterEach(() => rmSync(directory, { recursive: true }));

const dropped = (n: number): Sample => ({ n, due: n * 10, state: 'dropped' });
const answered: Sample = {
  n: 3,
  due: 30,
  state: 'answered',
  sent: 30.05,
  firstByte: 31.127,
  end: 31.2,
  status: 200,
  host: 'rhel01',
  bytes: 7,
  connection: 4,
};
const failed: Sample = {
  n: 4,
  due: 40,
  state: 'failed',
  sent: 40.1,
  end: 40.2,
  kind: 'refused',
  detail: 'connect ECONNREFUSED 127.0.0.1:80',
  connection: null,
};

test('a sample is one line of JSON with instants in whole microseconds', () => {
  expect([{ ...answered, end: 31.2004999 } as Sample, failed, dropped(5)].map(sampleLine)).toEqual([
    '{"n":3,"due":30,"state":"answered","sent":30.05,"firstByte":31.127,"end":31.2,"status":200,"host":"rhel01","bytes":7,"connection":4}\n',
    '{"n":4,"due":40,"state":"failed","sent":40.1,"end":40.2,"kind":"refused","detail":"connect ECONNREFUSED 127.0.0.1:80","connection":null}\n',
    '{"n":5,"due":50,"state":"dropped"}\n',
  ]);
});

test('what a counter told stands beside the host, and is read back', () => {
  const line = sampleLine({ ...answered, counted: { count: 12, since: '17-4' } } as Sample);
  expect(line).toContain('"host":"rhel01","count":12,"since":"17-4","bytes":7');
  expect(parseSample(line)).toEqual({ ...answered, counted: { count: 12, since: '17-4' } });
  for (const damage of ['"count":0', '"count":"12"', '"count":1.5']) {
    expect(() => parseSample(line.replace('"count":12', damage))).toThrow(UsageError);
  }
});

test('what redis told of its writes stands beside its count, and is read back', () => {
  const writes = { acknowledged: 9, lost: 1, checks: 2, on: 'rhel02' };
  const sample = { ...answered, counted: { count: 12, since: 'ab', writes } } as Sample;
  const line = sampleLine(sample);
  expect(line).toContain('"since":"ab","writes":9,"lostWrites":1,"checks":2,"checkedOn":"rhel02","bytes":7');
  expect(parseSample(line)).toEqual(sample);
  expect(() => parseSample(line.replace('"checks":2', '"checks":"2"'))).toThrow(UsageError);
});

test('the checksum of a body stands beside its length, and is read back', () => {
  const line = sampleLine({ ...answered, checksum: 4_294_967_295 } as Sample);
  expect(line).toContain('"bytes":7,"checksum":4294967295,"connection":4');
  expect(parseSample(line)).toEqual({ ...answered, checksum: 4_294_967_295 });
  expect(() => parseSample(line.replace('"checksum":4', '"checksum":-4'))).toThrow(UsageError);
});

const instant = fc.integer({ min: -1_000_000_000, max: 1e13 }).map((us) => us / 1_000);
const common = { n: fc.nat(), due: instant };
const anySample: fc.Arbitrary<Sample> = fc.oneof(
  fc.record({
    ...common,
    state: fc.constant('answered' as const),
    sent: instant,
    firstByte: instant,
    end: instant,
    status: fc.integer({ min: 100, max: 599 }),
    host: fc.string({ maxLength: 100, unit: 'binary' }).filter((text) => text.length <= 100),
    bytes: fc.nat(),
    connection: fc.integer({ min: 1 }),
  }),
  fc.record({
    ...common,
    state: fc.constant('failed' as const),
    sent: instant,
    end: instant,
    kind: fc.constantFrom('refused', 'reset', 'timeout', 'unreachable', 'garbled', 'other'),
    detail: fc.string({ maxLength: 200, unit: 'binary' }).filter((text) => text.length <= 200),
    connection: fc.option(fc.integer({ min: 1 })),
  }),
  fc.record({ ...common, state: fc.constant('dropped' as const) }),
);

test('what was written is what is read, and a line is a line', () => {
  fc.assert(
    fc.property(anySample, (sample) => {
      const line = sampleLine(sample);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(parseSample(line)).toEqual(sample);
    }),
  );
});

test('a damaged field is named with its place', () => {
  const errorOf = (change: Record<string, unknown>, of: Sample): string => {
    try {
      parseSample(JSON.stringify({ ...of, ...change }), 'samples.ndjson:7');
    } catch (error) {
      if (error instanceof UsageError) return error.message;
    }
    return 'accepted';
  };
  expect([
    errorOf({ n: -1 }, answered),
    errorOf({ due: '30' }, dropped(1)),
    errorOf({ sent: null }, answered),
    errorOf({ status: 99 }, answered),
    errorOf({ host: 'x'.repeat(101) }, answered),
    errorOf({ bytes: 1.5 }, answered),
    errorOf({ connection: 0 }, answered),
    errorOf({ connection: null }, answered),
    errorOf({ kind: 'toString' }, failed),
    errorOf({ connection: undefined }, failed),
    errorOf({ state: 'lost' }, dropped(1)),
  ]).toEqual([
    'samples.ndjson:7 is damaged: n: -1',
    'samples.ndjson:7 is damaged: due: "30"',
    'samples.ndjson:7 is damaged: sent: null',
    'samples.ndjson:7 is damaged: status: 99',
    `samples.ndjson:7 is damaged: host: "${'x'.repeat(101)}"`,
    'samples.ndjson:7 is damaged: bytes: 1.5',
    'samples.ndjson:7 is damaged: connection: 0',
    'samples.ndjson:7 is damaged: connection: null',
    'samples.ndjson:7 is damaged: kind: "toString"',
    'samples.ndjson:7 is damaged: connection: missing',
    'samples.ndjson:7 is damaged: state: "lost"',
  ]);
  expect(() => parseSample('{"n":1', 'f:1')).toThrow(/^f:1 is damaged: /);
  expect(() => parseSample('null', 'f:1')).toThrow('f:1 is damaged: not an object');
});

async function readAll(path: string): Promise<{ samples: Sample[]; cutOff: boolean }> {
  const samples: Sample[] = [];
  const reader = readSamples(path);
  for (let next = await reader.next(); ; next = await reader.next()) {
    if (next.done) return { samples, ...next.value };
    samples.push(next.value);
  }
}

test('a file is read to its end', async () => {
  writeFileSync(file, [answered, failed, dropped(5)].map(sampleLine).join(''));
  expect(await readAll(file)).toEqual({ samples: [answered, failed, dropped(5)], cutOff: false });
  writeFileSync(file, '');
  expect(await readAll(file)).toEqual({ samples: [], cutOff: false });
});

test('a last line that a killed writer cut off is left out, and said', async () => {
  writeFileSync(file, `${sampleLine(answered)}${sampleLine(failed).slice(0, -2)}`);
  expect(await readAll(file)).toEqual({ samples: [answered], cutOff: true });
});

test('a line that is damaged before the end is an error with file and line', async () => {
  writeFileSync(file, `${sampleLine(answered)}{"n":\n${sampleLine(failed)}`);
  await expect(readAll(file)).rejects.toThrow(`${file}:2 is damaged`);
});

test('lines that lie across the edges of reads are read whole', async () => {
  const host = 'ü'.repeat(100);
  const samples = Array.from({ length: 5_000 }, (_, n): Sample => ({ ...answered, n, host }));
  writeFileSync(file, samples.map(sampleLine).join(''));
  expect(await readAll(file)).toEqual({ samples, cutOff: false });
  const tail = tailSamples(file);
  expect(tail.next()).toEqual(samples);
  tail.close();
});

test('a tail hands out each complete line once, as the file grows', () => {
  writeFileSync(file, '');
  const tail = tailSamples(file);
  expect(tail.next()).toEqual([]);
  const line = sampleLine(failed);
  appendFileSync(file, sampleLine(answered) + line.slice(0, 10));
  expect(tail.next()).toEqual([answered]);
  expect(tail.next()).toEqual([]);
  appendFileSync(file, line.slice(10) + sampleLine(dropped(5)));
  expect(tail.next()).toEqual([failed, dropped(5)]);
  appendFileSync(file, 'no sample\n');
  expect(() => tail.next()).toThrow(`${file}:4 is damaged`);
  tail.close();
});

test('a tail goes on in the new file where the old one has got another name, with what came last in the old one', () => {
  writeFileSync(file, sampleLine(answered));
  const tail = tailSamples(file);
  expect(tail.next()).toEqual([answered]);
  appendFileSync(file, sampleLine(failed));
  renameSync(file, join(directory, 'samples.0001.ndjson'));
  expect(tail.next()).toEqual([failed]);
  writeFileSync(file, sampleLine(dropped(5)));
  expect(tail.next()).toEqual([dropped(5)]);
  tail.close();
});
