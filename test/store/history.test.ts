import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { historyRunOf, runIdOf } from '../../harness/analysis/trend/history-run.ts';
import { appendToHistory, readHistory } from '../../harness/store/history.ts';
import { record, refusal, scratch } from './fixture.ts';

let place: ReturnType<typeof scratch>;
let file: string;
beforeEach(() => {
  place = scratch();
  file = join(place.directory, 'history.ndjson');
});
afterEach(() => place.clean());

const add = (id: string) => appendToHistory(file, record, id);
const idsOf = (path: string): string[] => readHistory(path).runs.map(({ id }) => id);

describe('a history', () => {
  it('has a line for each run, as it was added', async () => {
    await add('a');
    await add('b');
    expect(readHistory(file)).toEqual({
      runs: [historyRunOf(record, 'a'), historyRunOf(record, 'b')],
      skipped: [],
    });
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });

  it('keeps all lines of several that add at once', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `run-${i}`);
    await Promise.all(ids.map(add));
    expect(idsOf(file).sort()).toEqual([...ids].sort());
  });

  it('tells a line that was cut short, and ends it before the next', async () => {
    await add('a');
    const line = readFileSync(file, 'utf8');
    appendFileSync(file, line.slice(0, 100));
    expect(readHistory(file).skipped).toEqual([`${file}:2: left out, it is cut short or no JSON`]);
    await add('c');
    expect(readHistory(file).skipped).toEqual([`${file}:2: left out, it is cut short or no JSON`]);
    expect(idsOf(file)).toEqual(['a', 'c']);
  });

  it('takes a last line whose newline alone is missing', async () => {
    await add('a');
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    await add('b');
    expect([idsOf(file), readHistory(file).skipped]).toEqual([['a', 'b'], []]);
  });

  it("merges by git's union without a conflict", async () => {
    const git = (...argv: string[]): string =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...argv], {
        cwd: place.directory,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    git('init', '-q', '-b', 'main');
    writeFileSync(join(place.directory, '.gitattributes'), '*.ndjson merge=union\n');
    const commit = async (id: string): Promise<void> => {
      await add(id);
      git('add', '.');
      git('commit', '-qm', id);
    };
    await commit('a');
    git('checkout', '-qb', 'other');
    await commit('b');
    git('checkout', '-q', 'main');
    await commit('c');
    git('merge', '-q', '--no-edit', 'other');
    expect(idsOf(file).sort()).toEqual(['a', 'b', 'c']);
    expect(readHistory(file).skipped).toEqual([]);
  });

  it('refuses a line of a newer Thaw, and one of something else, with its number', async () => {
    await add('a');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, `${good}${good.replace('"schema":1', '"schema":2')}`);
    expect(await refusal(() => readHistory(file))).toEqual([
      64,
      `${file}:2 was written by a newer Thaw: schema 2, and this one reads up to 1`,
    ]);
    writeFileSync(file, `${good}{"schema":1}\n`);
    expect((await refusal(() => readHistory(file)))[1]).toMatch(`${file}:2 is no line of a history: id: `);
    writeFileSync(file, '[]\n');
    expect((await refusal(() => readHistory(file)))[1]).toMatch(`${file}:1 is no line of a history: `);
  });

  it('refuses a file that is not there, and to write where it cannot', async () => {
    expect(await refusal(() => readHistory(file))).toEqual([64, `there is no ${file}`]);
    mkdirSync(file);
    expect(await refusal(() => add('a'))).toEqual([2, `${file} cannot be written: it is a directory`]);
    file = join(place.directory, 'nowhere', 'history.ndjson');
    expect((await refusal(() => add('a')))[0]).toBe(2);
  });
});

describe('a run in a history', () => {
  it('has an ID that no run of another machine has', () => {
    const other = { ...record, head: { ...record.head, originNs: '77' } };
    expect(runIdOf(other)).not.toBe(runIdOf(record));
  });

  it('counts migrations without warm-ups, and keeps each median with its interval', () => {
    const run = historyRunOf(record, 'a');
    const measured = record.migrations.filter(({ warmUp }) => !warmUp);
    expect(run.migrations).toBe(measured.length);
    expect(measured.length).toBeLessThan(record.migrations.length);
    const [first] = record.distributions;
    expect(run.measurements[0]).toEqual({
      measurement: first?.measurement,
      unit: first?.unit,
      n: first?.values.length,
      unknown: first?.unknown.length,
      median: first?.median,
      medianCi95: first?.medianCi95,
    });
  });

  it('can be compared whatever its versions, and not with other processors or another scenario', () => {
    const environmentOf = (change: Partial<typeof record.head>): string =>
      historyRunOf({ ...record, head: { ...record.head, ...change } }, 'a').environment;
    const hosts = (change: object) => record.head.hosts.map((host) => ({ ...host, ...change }));
    const own = environmentOf({});
    expect(environmentOf({ thaw: '9.9.9', hosts: hosts({ kernel: '9.9', distribution: 'x' }) })).toBe(own);
    expect(environmentOf({ hosts: hosts({ cpu: '2 × another' }) })).not.toBe(own);
    const { scenario } = record.head;
    expect(
      environmentOf({ scenario: { ...scenario, probe: { ...scenario.probe, ratePerSecond: 7 } as never } }),
    ).not.toBe(own);
  });
});
