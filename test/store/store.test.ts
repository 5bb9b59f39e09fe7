import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendFile, replaceFile } from '../../harness/store/disk.ts';
import { beginRun, requireWritable, saveRecord } from '../../harness/store/store.ts';
import { head, observation, record, refusal, scratch, tail } from './fixture.ts';

let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.clean());
const text = (...path: string[]): string => readFileSync(join(place.directory, ...path), 'utf8');

describe('a run directory', () => {
  it('is named by scenario and time, and holds the scenario as it was written and the head', () => {
    const store = beginRun(place.directory, head, 'name: httpd # mine\n');
    expect(store.directory).toBe(join(place.directory, 'httpd/2026-01-31T12-00-00Z'));
    expect(readdirSync(store.directory).sort()).toEqual([
      'head.json',
      'migrations.ndjson',
      'samples.ndjson',
      'scenario.yaml',
    ]);
    expect(readFileSync(join(store.directory, 'scenario.yaml'), 'utf8')).toBe('name: httpd # mine\n');
    expect(JSON.parse(readFileSync(join(store.directory, 'head.json'), 'utf8'))).toEqual({
      schema: 1,
      id: '2026-01-31T12-00-00Z',
      ...head,
    });
  });

  it('is one for each of two runs in the same second', () => {
    const ids = [1, 2, 3].map(() => beginRun(place.directory, head, '').directory);
    expect(ids.map((id) => id.slice(place.directory.length))).toEqual([
      '/httpd/2026-01-31T12-00-00Z',
      '/httpd/2026-01-31T12-00-00Z-2',
      '/httpd/2026-01-31T12-00-00Z-3',
    ]);
  });

  it('takes one line a migration, and its end', () => {
    const store = beginRun(place.directory, head, '');
    store.appendMigration(observation(1));
    store.appendMigration(observation(2));
    store.finish(tail);
    const lines = readFileSync(join(store.directory, 'migrations.ndjson'), 'utf8').split('\n');
    expect(lines.map((line) => line && JSON.parse(line))).toEqual([observation(1), observation(2), '']);
    expect(JSON.parse(readFileSync(join(store.directory, 'tail.json'), 'utf8'))).toEqual(tail);
    expect(store.filesOf(12)).toEqual({
      files: 'migrations/0012',
      filesDirectory: join(store.directory, 'migrations/0012'),
    });
  });

  it('cannot be made where a file is: exit 2, with the path', async () => {
    writeFileSync(join(place.directory, 'file'), '');
    const reports = join(place.directory, 'file');
    expect(await refusal(() => beginRun(reports, head, ''))).toEqual([
      2,
      `${reports}/httpd cannot be written: a part of the path is not a directory`,
    ]);
    expect(await refusal(() => requireWritable(reports))).toEqual([
      2,
      `${reports} cannot be written: something else is there`,
    ]);
  });

  it('can be asked for beforehand, which leaves an empty folder', () => {
    requireWritable(join(place.directory, 'a/b'));
    expect(readdirSync(join(place.directory, 'a/b'))).toEqual([]);
  });
});

describe('the record', () => {
  it('is the same to the byte for the same record, and replaces an older one', async () => {
    await saveRecord(place.directory, { ...record, verdict: 'unknown' });
    await saveRecord(place.directory, record);
    const first = text('record.json');
    await saveRecord(place.directory, structuredClone(record));
    expect(text('record.json')).toBe(first);
    expect(JSON.parse(first)).toEqual(record);
    expect(readdirSync(place.directory)).toEqual(['record.json']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'is not saved with a figure of %d, which JSON would turn into null',
    async (value) => {
      const [first] = record.migrations;
      if (first === undefined) throw new Error('the fixture has no migrations');
      const broken = { ...record, migrations: [{ ...first, recoveryMs: value }] };
      await expect(saveRecord(place.directory, broken)).rejects.toThrow(/recoveryMs/);
      expect(existsSync(join(place.directory, 'record.json'))).toBe(false);
    },
  );

  it('goes into the directory, never through a link that lies there', async () => {
    writeFileSync(join(place.directory, 'elsewhere'), 'mine');
    symlinkSync('elsewhere', join(place.directory, 'record.json'));
    symlinkSync('elsewhere', join(place.directory, 'record.json.new'));
    await saveRecord(place.directory, record);
    expect([text('elsewhere'), JSON.parse(text('record.json'))]).toEqual(['mine', record]);
  });

  it('that cannot be put in its place leaves nothing beside it', async () => {
    mkdirSync(join(place.directory, 'record.json/x'), { recursive: true });
    expect((await refusal(() => saveRecord(place.directory, record)))[0]).toBe(2);
    expect(readdirSync(place.directory)).toEqual(['record.json']);
  });
});

describe('writing', () => {
  it('refuses to append through a link', async () => {
    writeFileSync(join(place.directory, 'elsewhere'), 'mine');
    const link = join(place.directory, 'link');
    symlinkSync('elsewhere', link);
    expect(await refusal(() => appendFile(link, 'more'))).toEqual([
      2,
      `${link} cannot be written: it is a symbolic link`,
    ]);
    expect(text('elsewhere')).toBe('mine');
  });

  it.skipIf(process.platform !== 'linux')('says that no space is left', async () => {
    expect(await refusal(() => appendFile('/dev/full', 'x'))).toEqual([
      2,
      '/dev/full cannot be written: no space is left on the file system',
    ]);
  });

  it('replaces what a killed process left half-written', () => {
    writeFileSync(join(place.directory, 'head.json.new'), '{"half');
    replaceFile(join(place.directory, 'head.json'), 'whole');
    expect([readdirSync(place.directory), text('head.json')]).toEqual([['head.json'], 'whole']);
  });
});
