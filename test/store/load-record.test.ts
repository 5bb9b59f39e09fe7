import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRecord } from '../../harness/store/load-record.ts';
import { record } from './fixture.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-record-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const write = (value: unknown): string => {
  const path = join(place, 'record.json');
  writeFileSync(path, JSON.stringify(value));
  return path;
};

describe('loadRecord', () => {
  it('reads a record that was taken from its directory', async () => {
    write(record);
    const path = join(place, 'base.json');
    copyFileSync(join(place, 'record.json'), path);
    expect(await loadRecord(path)).toEqual(record);
  });

  it('reads one of a time before a check was there, as a run that did not ask for it', async () => {
    const { head } = record;
    const { sameBytes: _, ...checks } = head.scenario.checks;
    const old = { ...record, head: { ...head, scenario: { ...head.scenario, checks } } };
    expect((await loadRecord(write(old))).head.scenario.checks).toEqual({ ...checks, sameBytes: false });
  });

  it.each([
    [{ ...record, schema: 99 }, 'was written by a newer Thaw: schema 99'],
    [{ ...record, verdict: 'well' }, 'is damaged: verdict: '],
    [{}, 'is damaged: schema: '],
  ])('refuses what is no record (%#)', async (value, why) => {
    await expect(loadRecord(write(value))).rejects.toThrow(why);
  });

  it('refuses a directory without a run, and what is not there', async () => {
    await expect(loadRecord(place)).rejects.toThrow('is no run directory');
    await expect(loadRecord(join(place, 'nothing'))).rejects.toThrow('there is no ');
  });
});
