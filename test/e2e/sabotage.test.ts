/** Each check on the state of the container is proved by a scenario that breaks exactly what it looks at. */
import { beforeAll, describe, expect } from 'vitest';
import { type Inventory, inventory, settledInventory, whyNotHere } from './machine.ts';
import { placed as test } from './placed.ts';
import { type Ended, recordOf, scenario, thaw } from './thaw.ts';

const why = whyNotHere();
let before: Inventory;
beforeAll(() => {
  before = inventory();
});

const PASSING = [
  'failed migrations',
  'known hosts',
  'no split brain',
  'one container',
  'same container',
  'no lost state',
  'start time',
  'same bytes',
  'host order',
];

const WITH_WRITES = PASSING.toSpliced(PASSING.indexOf('same bytes'), 0, 'no lost writes');

describe.skipIf(why !== null)(`the state of the container${why === null ? '' : ` (skipped: ${why})`}`, () => {
  const ran = (scenario: string, reports: string) =>
    thaw('run', scenario, '--count', '2', '--reports', reports, '--json');

  function judgementOf(ended: Ended): { status: number | null; pass: string[]; fail: string[] } {
    const { verdicts, migrations } = recordOf(ended);
    expect(migrations.map(({ outcome }) => outcome.state)).not.toContain('failed');
    const told = (state: string) =>
      verdicts.filter((verdict) => verdict.state === state).map(({ check }) => check);
    return { status: ended.status, pass: told('pass'), fail: told('fail') };
  }

  const judged = async (scenario: string, reports: string) => judgementOf(await ran(scenario, reports));

  test.concurrent('is whole after each migration, memory that is written, processes and open files; hosts are as they were', async ({
    place,
  }) => {
    const ended = await ran('scenarios/counter.yaml', place.path);
    expect(judgementOf(ended)).toEqual({ status: 0, pass: PASSING, fail: [] });
    const { migrations } = recordOf(ended);
    expect(migrations).toHaveLength(3);
    for (const { hygiene } of migrations) {
      expect(hygiene.map(({ host }) => host).toSorted()).toEqual(['rhel01', 'rhel02']);
      expect(hygiene.map(({ known, left, gone }) => ({ known, left, gone }))).toEqual(
        Array(2).fill({ known: true, left: [], gone: [] }),
      );
    }
  });

  test.concurrent('is whole with redis: no acknowledged write is missing where it goes, while writes go on', async ({
    place,
  }) => {
    const small = scenario('redis', (text) =>
      text.replace('data: 64MiB', 'data: 8MiB').replace('warm-up: 1, pause: 1s', 'warm-up: 0, pause: 500ms'),
    );
    expect(await judged(place.write('redis.yaml', small), place.path)).toEqual({
      status: 0,
      pass: WITH_WRITES,
      fail: [],
    });
  });

  test.concurrent('an acknowledged write that redis has thrown away fails `no lost writes`, and nothing else', async ({
    place,
  }) => {
    expect(await judged('scenarios/sabotage/evicted-writes.yaml', place.path)).toEqual({
      status: 1,
      pass: WITH_WRITES.filter((check) => check !== 'no lost writes'),
      fail: ['no lost writes'],
    });
  });

  const without = (...checks: string[]) => PASSING.filter((check) => !checks.includes(check));

  test.concurrent('bytes that differ from what their host serves fail `same bytes`, and nothing else', async ({
    place,
  }) => {
    const { status, fail } = await judged('scenarios/sabotage/other-bytes.yaml', place.path);
    expect({ status, fail }).toEqual({ status: 1, fail: ['same bytes'] });
  });

  test.concurrent('two hosts that answer by turns fail `no split brain`, and nothing else', async ({
    place,
  }) => {
    const { status, fail } = await judged('scenarios/sabotage/split-brain.yaml', place.path);
    expect({ status, fail }).toEqual({ status: 1, fail: ['no split brain'] });
  });

  test.concurrent.for<[string, string[]]>([
    ['started-anew', ['no lost state', 'start time']],
    ['older-image', ['no lost state']],
    ['left-running', ['one container']],
    ['killed-process', ['same container']],
  ])('%s fails %j, and nothing else', async ([name, fail], { place }) => {
    expect(await judged(`scenarios/sabotage/${name}.yaml`, place.path)).toEqual({
      status: 1,
      pass: without(...fail),
      fail,
    });
  });

  test('nothing of them is left', async () => {
    expect(await settledInventory(before)).toEqual(before);
  });
});
