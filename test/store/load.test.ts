import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeInventory } from '../../harness/runtime/criu/inventory.ts';
import { decodeDumpStats, decodeRestoreStats } from '../../harness/runtime/criu/stats.ts';
import { loadRun } from '../../harness/store/load.ts';
import { beginRun } from '../../harness/store/store.ts';
import { CRIU, head, makeRun, observation, refusal, samples, scratch, tail } from './fixture.ts';

let place: ReturnType<typeof scratch>;
let run: string;
beforeEach(() => {
  place = scratch();
  run = makeRun(place.directory).directory;
});
afterEach(() => place.clean());

const at = (name: string): string => join(run, name);
const golden = (name: string): Buffer => readFileSync(join(CRIU, name));
function edit(name: string, change: (text: string) => string): void {
  writeFileSync(at(name), change(readFileSync(at(name), 'utf8')));
}

describe('a run is read back', () => {
  it('as it was written, with the files of CRIU decoded and null where one is missing', async () => {
    const decoded = (number: number) => ({
      dumpStats: decodeDumpStats(golden('stats-dump'), ''),
      restoreStats: decodeRestoreStats(golden('stats-restore'), ''),
      inventory: decodeInventory(golden('inventory.img'), ''),
      dumpLog: [{ offsetMs: number / 1_000, endByte: 18, text: 'hello' }],
      preDumpStats: [],
      lazyPages: null,
      restoreLog: null,
      otherLogs: { preDumps: [], lazyPages: null, pageServer: null, rollBack: null },
      container: {
        before: number === 1 ? ['process 1, child of 0: perl'] : null,
        after: null,
      },
      evidence: [
        {
          name: 'dump.log',
          kind: 'dump',
          content: 'log',
          criu: null,
          kernel: null,
          succeeded: false,
          errors: [],
        },
      ],
      pageSize: 4_096,
    });
    writeFileSync(at('migrations/0001/container-before.txt'), 'process 1, child of 0: perl\n');
    const loaded = await loadRun(run);
    expect({
      ...loaded,
      migrations: loaded.migrations.map(({ observation, files }) => ({ observation, files: { ...files } })),
      samples: [...loaded.samples],
    }).toEqual({
      head: { schema: 1, id: '2026-01-31T12-00-00Z', ...head },
      tail,
      migrations: [
        { observation: observation(1), files: decoded(1) },
        { observation: observation(2), files: decoded(2) },
        {
          observation: observation(3),
          files: { ...decoded(3), dumpStats: null, restoreStats: null, inventory: null },
        },
      ],
      samples,
      cutOff: { migrations: 0, samples: 0 },
    });
  });

  it('with the logs that CRIU wrote beside those of the dump and the restore, compressed or not', async () => {
    const files = join(run, 'migrations/0001');
    const second = observation(2);
    const preDumps = [1, 2].map(() => ({ span: second.steps.checkpoint, pageImageBytes: null }));
    edit('migrations.ndjson', (text) =>
      text.replaceAll('"preDumps":[]', `"preDumps":${JSON.stringify(preDumps)}`),
    );
    mkdirSync(join(files, 'pre-2'));
    writeFileSync(join(files, 'pre-2/dump.log'), '(00.000001) second\n');
    writeFileSync(join(files, 'lazy-pages.log'), '(00.000002) lazy\n');
    writeFileSync(join(files, 'page-server.log'), '');
    writeFileSync(join(files, 'rollback.log.gz'), gzipSync('(00.000003) back\n'));
    const [first] = (await loadRun(run)).migrations;
    expect(first?.files.otherLogs).toEqual({
      preDumps: [null, [{ offsetMs: 0.001, endByte: 19, text: 'second' }]],
      lazyPages: [{ offsetMs: 0.002, endByte: 17, text: 'lazy' }],
      pageServer: [],
      rollBack: [{ offsetMs: 0.003, endByte: 17, text: 'back' }],
    });
  });

  it('with samples that can be iterated again, and from the beginning after a break', async () => {
    const loaded = await loadRun(run);
    for (const sample of loaded.samples) {
      expect(sample).toEqual(samples[0]);
      break;
    }
    expect([[...loaded.samples], [...loaded.samples]]).toEqual([samples, samples]);
  });

  it('without a tail where the run was killed, and without the lines that were cut off, which are counted', async () => {
    rmSync(at('tail.json'));
    appendFileSync(at('migrations.ndjson'), JSON.stringify(observation(4)).slice(0, 40));
    appendFileSync(at('samples.ndjson'), '{"n":3,"due":30,"state":"dropped"}');
    const loaded = await loadRun(run);
    expect([loaded.tail, loaded.migrations.length, [...loaded.samples], loaded.cutOff]).toEqual([
      null,
      3,
      samples,
      { migrations: 1, samples: 1 },
    ]);
  });

  it('right after it began', async () => {
    const { directory } = beginRun(place.directory, head, '');
    const loaded = await loadRun(directory);
    expect([loaded.tail, loaded.migrations, [...loaded.samples]]).toEqual([null, [], []]);
  });
});

describe('what is no run, or damaged, is refused with exit 64, the file and the line', () => {
  const refused = async (): Promise<string> => {
    const [code, message] = await refusal(async () => [...(await loadRun(run)).samples]);
    expect(code).toBe(64);
    return message.replaceAll(run, 'RUN');
  };

  it('a directory that is not there, a file, and a directory without a head', async () => {
    expect(await refusal(() => loadRun(at('nowhere')))).toEqual([64, `there is no ${at('nowhere')}`]);
    expect(await refusal(() => loadRun(at('head.json')))).toEqual([
      64,
      `${at('head.json')} is no run directory, but a file`,
    ]);
    rmSync(at('head.json'));
    expect(await refused()).toBe('RUN is no run directory: it has no head.json');
    writeFileSync(at('record.json'), '{}');
    expect(await refused()).toBe('RUN has a record, but no raw files to make it anew of');
  });

  it('a newer schema, told before anything else of it is looked at', async () => {
    writeFileSync(at('head.json'), '{"schema": 2, "all": "new"}');
    expect(await refused()).toBe(
      'RUN/head.json was written by a newer Thaw: schema 2, and this one reads up to 1',
    );
  });

  it.each<[string, string, (text: string) => string, string | RegExp]>([
    ['a head cut short', 'head.json', (text) => text.slice(0, 100), /^RUN\/head\.json is damaged: .*JSON/],
    ['a head of null', 'head.json', () => 'null', /^RUN\/head\.json is damaged: the whole: /],
    [
      'a head without hosts',
      'head.json',
      (text) => JSON.stringify({ ...JSON.parse(text), hosts: undefined }),
      /^RUN\/head\.json is damaged: hosts: /,
    ],
    [
      'a head with something unknown',
      'head.json',
      (text) => JSON.stringify({ ...JSON.parse(text), more: 1 }),
      /^RUN\/head\.json is damaged: the whole: .*"more"/,
    ],
    ['a tail that is empty', 'tail.json', () => '', /^RUN\/tail\.json is damaged: /],
    [
      'a migration that is no JSON',
      'migrations.ndjson',
      (text) => text.replace('\n{', '\n['),
      /^RUN\/migrations\.ndjson:2 is damaged: /,
    ],
    [
      'a migration that leads out of the directory',
      'migrations.ndjson',
      (text) => text.replace('migrations/0003', 'migrations/../../..'),
      /^RUN\/migrations\.ndjson:3 is damaged: files: /,
    ],
    [
      'a migration that is missing',
      'migrations.ndjson',
      (text) => text.slice(text.indexOf('\n') + 1),
      'RUN/migrations.ndjson:1 is damaged: migration 2 where 1 belongs',
    ],
    [
      'a sample of another shape',
      'samples.ndjson',
      (text) => text.replace('"refused"', '"tired"'),
      'RUN/samples.ndjson:2 is damaged: kind: "tired"',
    ],
  ])('%s', async (_, name, change, message) => {
    edit(name, change);
    expect(await refused()).toMatch(message);
  });

  it('a samples file that is missing', async () => {
    rmSync(at('samples.ndjson'));
    expect(await refused()).toBe('RUN/samples.ndjson is damaged: it is missing');
  });

  it('a stats file that is cut short', async () => {
    truncateSync(at('migrations/0002/stats-dump'), 20);
    expect(await refused()).toBe(
      'RUN/migrations/0002/stats-dump: damaged at byte 20: truncated: 8 of 38 bytes are there',
    );
  });
});
