import { describe, expect, it } from 'vitest';
import { shortKey } from '../../../harness/report/sweep/names.ts';
import { renderSweepPlan } from '../../../harness/report/sweep/plan.ts';

const style = { width: 80, colour: false };

describe('the plan of a sweep', () => {
  it('is a table of what varies, as wide as a terminal', () => {
    const axes = ['handover.address', 'handover.announce', 'network.rate', 'probe.rate'];
    const cells = ['before-restore', 'after-restore'].map((address) => ({
      'handover.address': address,
      'handover.announce': 'true',
      'network.rate': '100Mbit/s',
      'probe.rate': '\x1b[31m1/s',
    }));
    const told = { axes: axes.map((key) => ({ key })), rounds: 1, migrations: 12, cells };
    expect(renderSweepPlan(told, style)).toBe(
      `2 cells × 1 round = 2 runs, 12 migrations

      address          announce   network rate   probe rate
  1   before-restore   true       100Mbit/s      \\x1b[31m1/s
  2   after-restore    true       100Mbit/s      \\x1b[31m1/s
`,
    );
  });

  it.each([
    ['bundle.counter.memory', ['bundle.counter.memory', 'probe.rate'], 'memory'],
    ['probe.rate', ['network.rate', 'probe.rate'], 'probe rate'],
    ['probe.rate', undefined, 'rate'],
    ['rate', ['rate', 'probe.rate'], 'rate'],
  ])('%s among %j is called %s', (key, keys, name) => {
    expect(shortKey(key, keys)).toBe(name);
  });
});
