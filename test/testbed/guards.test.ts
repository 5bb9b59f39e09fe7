import { expect, test } from 'vitest';
import type { Scenario } from '../../harness/model.ts';
import { allGuards, guardArgv, guardsOf } from '../../harness/testbed/guards.ts';

const service = { name: 'rhel0x', address: '172.30.77.10', prefixLength: 24, port: 80 };
const RESETS = 'OUTPUT -s 172.30.77.10 -p tcp --sport 80 --tcp-flags RST,ACK RST -j DROP';
const SYNS = 'INPUT -d 172.30.77.10 -p tcp --dport 80 --syn -j DROP';

// Only resets without ACK are held back: a refused connection is still told so at once.
test.each([
  ['refuse', 'refuse', []],
  ['established', 'refuse', [RESETS]],
  ['close', 'drop', [SYNS]],
  ['established', 'drop', [RESETS, SYNS]],
] as const)('connections %s, unserved %s: %j', (policy, unserved, rules) => {
  const scenario = { service, handover: { unserved } } as Scenario;
  expect(guardsOf(scenario, { policy }).map((rule) => rule.join(' '))).toEqual(rules);
});

test('what is put in is taken out by the same words', () => {
  for (const rule of allGuards(service)) {
    expect(guardArgv('-I', rule)).toEqual(['iptables', '-I', ...rule]);
    expect(guardArgv('-D', rule)).toEqual(['iptables', '-D', ...rule]);
  }
});
