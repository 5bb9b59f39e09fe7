import { describe, expect, it } from 'vitest';
import { compatibilityOf, versionsByToolchain } from '../../../harness/analysis/sweep/compatibility.ts';
import { plan, skewOf, skewPlan, skewRuns, sweepOf } from '../../report/sweep/fixture.ts';

const skew = skewPlan();
const runs = skewRuns(skew);

describe('compatibility', () => {
  it('says of each pair whether it works, fails and why, or that nobody knows and why', () => {
    const [found, ...more] = compatibilityOf(skew, runs);
    expect([found?.where, found?.sources, found?.destinations, more]).toEqual([
      {},
      ['new', 'old'],
      ['new', 'old'],
      [],
    ]);
    expect(found?.pairs).toEqual([
      { source: 'new', destination: 'new', state: 'works', migrations: 1, failed: 0, why: [], checks: [] },
      {
        source: 'new',
        destination: 'old',
        state: 'fails',
        migrations: 1,
        failed: 1,
        why: ['restore failed on rhel02: unknown'],
        checks: [],
      },
      {
        source: 'old',
        destination: 'new',
        state: 'unknown',
        migrations: 0,
        failed: 0,
        why: ['it has no userfaultfd'],
        checks: [],
      },
      {
        source: 'old',
        destination: 'old',
        state: 'unknown',
        migrations: 0,
        failed: 0,
        why: ['it was not run'],
        checks: [],
      },
    ]);
  });

  it('puts a migration back to the pair in whose direction it went', () => {
    const [, forth] = runs;
    if (forth === undefined) throw new Error('the fixture has no such run');
    const [one] = forth.record.migrations;
    if (one === undefined) throw new Error('the fixture has no such migration');
    const back = {
      ...one,
      source: one.destination,
      destination: one.source,
      outcome: { state: 'completed' as const },
    };
    const both = { ...forth, record: { ...forth.record, migrations: [one, back] } };
    const [found] = compatibilityOf(skew, [both]);
    const states = found?.pairs.map(({ source, destination, state }) => [source, destination, state]);
    expect(states).toContainEqual(['new', 'old', 'fails']);
    expect(states).toContainEqual(['old', 'new', 'works']);
  });

  it('tells a check that failed although each migration completed', () => {
    const [first] = runs;
    if (first === undefined) throw new Error('the fixture has no such run');
    const verdicts = [{ check: 'same container', state: 'fail' as const, why: 'a new descriptor' }];
    const [found] = compatibilityOf(skew, [{ ...first, record: { ...first.record, verdicts } }]);
    expect(found?.pairs[0]).toMatchObject({ state: 'works', checks: ['same container: a new descriptor'] });
  });

  it('has one table for each combination of the other axes, and none where no toolchain varies', () => {
    const axes = [...skew.axes, { key: 'runtime', values: ['runc', 'crun'] }];
    const cells = skew.cells.flatMap((cell) => [
      { ...cell, runtime: 'runc' },
      { ...cell, runtime: 'crun' },
    ]);
    const found = compatibilityOf({ ...skew, axes, cells }, []);
    expect(found.map(({ where, pairs }) => [where, pairs.length])).toEqual([
      [{ runtime: 'runc' }, 4],
      [{ runtime: 'crun' }, 4],
    ]);
    expect(compatibilityOf(plan, [])).toEqual([]);
    expect(sweepOf().axes.some(({ key }) => key.startsWith('toolchain.'))).toBe(false);
  });

  it('tells kernels apart where the hosts have two', () => {
    const two = runs.map((one) => {
      const hosts = one.record.head.hosts.map((host) =>
        host.name === 'rhel02' ? { ...host, kernel: '5.14.0' } : { ...host, kernel: '6.12.1' },
      );
      return { ...one, record: { ...one.record, head: { ...one.record.head, hosts } } };
    });
    const [found] = compatibilityOf(skew, two);
    expect([found?.sources, found?.destinations]).toEqual([
      ['new on Linux 6.12.1', 'old on Linux 6.12.1'],
      ['new on Linux 5.14.0', 'old on Linux 5.14.0'],
    ]);
    expect(found?.pairs.map(({ state }) => state)).toEqual(['works', 'fails', 'unknown', 'unknown']);
    expect(Object.keys(versionsByToolchain(two))).toContain('old on Linux 5.14.0');
  });

  it('is part of the result of a sweep, which JSON carries', () => {
    const result = JSON.parse(JSON.stringify(skewOf()));
    expect(result.compatibility).toEqual(compatibilityOf(skew, runs));
    expect(result.versions).toEqual(versionsByToolchain(runs));
    expect(sweepOf().compatibility).toEqual([]);
  });

  it('knows what ran by each name', () => {
    const found = versionsByToolchain(runs);
    expect(Object.keys(found).sort()).toEqual(['new', 'old']);
    for (const versions of Object.values(found)) {
      expect(versions.every((text) => /^runc .+, CRIU .+/.test(text))).toBe(true);
    }
  });
});
