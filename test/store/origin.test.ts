import { cpSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deriveRecord } from '../../harness/run.ts';
import { loadRecord } from '../../harness/store/load-record.ts';
import { isOurs, seal } from '../../harness/store/origin.ts';
import { makeRun, refusal, scratch } from './fixture.ts';

let place: ReturnType<typeof scratch>;
let run: string;
beforeEach(() => {
  place = scratch();
  vi.stubEnv('XDG_CACHE_HOME', join(place.directory, 'cache'));
  run = makeRun(join(place.directory, 'reports')).directory;
});
afterEach(() => {
  vi.unstubAllEnvs();
  place.clean();
});

const ours = async (directory = run): Promise<boolean> =>
  isOurs(directory, (await loadRecord(directory)).head);

describe('the seal of a run', () => {
  it('tells a run that was begun here, by its directory or its record, and wherever it was copied', async () => {
    seal(run);
    await deriveRecord(run);
    expect(await ours()).toBe(true);
    expect(await ours(join(run, 'record.json'))).toBe(true);
    const copy = join(place.directory, 'copy');
    cpSync(run, copy, { recursive: true });
    expect(await ours(copy)).toBe(true);
  });

  it('is missing where a stranger sent it, and wrong where what would be run was changed', async () => {
    await deriveRecord(run);
    expect(await ours()).toBe(false);
    seal(run);
    expect(await ours()).toBe(true);
    const record = join(run, 'record.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace('"hook": null', '"hook": "/tmp/evil"'));
    expect((await loadRecord(run)).head.scenario.handover.hook).toBe('/tmp/evil');
    expect(await ours()).toBe(false);
  });

  it('holds where a newer Thaw reads a default into a head that was written without it', async () => {
    const path = join(run, 'head.json');
    const head = JSON.parse(readFileSync(path, 'utf8'));
    delete head.continues;
    writeFileSync(path, JSON.stringify(head));
    seal(run);
    await deriveRecord(run);
    expect((await loadRecord(run)).head.continues).toEqual([]);
    expect(await ours()).toBe(true);
    writeFileSync(path, '{');
    expect(await ours()).toBe(false);
  });

  it('of another machine is worth nothing', async () => {
    seal(run);
    await deriveRecord(run);
    vi.stubEnv('XDG_CACHE_HOME', join(place.directory, 'another'));
    expect(await ours()).toBe(false);
  });

  it('is by a key that nobody else may read, and is followed through no link', async () => {
    seal(run);
    await deriveRecord(run);
    expect(statSync(join(place.directory, 'cache/thaw/seal-key')).mode & 0o777).toBe(0o600);
    cpSync(join(run, 'seal'), join(place.directory, 'seal'));
    rmSync(join(run, 'seal'));
    symlinkSync(join(place.directory, 'seal'), join(run, 'seal'));
    expect(await refusal(ours)).toEqual([64, expect.stringContaining('symbolic link')]);
  });
});
