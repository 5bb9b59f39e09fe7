import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordOf, scenario, scratch, thaw } from '../../e2e/thaw.ts';
import { onGuest } from '../guest.ts';
import { whyNoMachines } from '../machines.ts';
import { SLOW } from '../once.ts';

const why = whyNoMachines();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

const FAULTS = `
faults:
  - { kind: jump-clock, at: dump, after: 200ms, for: 15s, migrations: [1] }
  - { kind: hang-share, at: dump, after: 200ms, for: 5s, migrations: [2] }
  - { kind: kill-criu, at: dump, after: 500ms, migrations: [3] }
  - { kind: freeze-host, at: dump, migrations: [3] }
`;
const clockOff = (host: string): number => Number(onGuest(host, 'date +%s')) - Date.now() / 1_000;

describe.skipIf(why !== null)(`faults of a scenario${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('a clock that jumps, a share that hangs and a CRIU that is killed cost no container', async () => {
    const off = clockOff('rhel01');
    const file = place.write(
      'nginx.yaml',
      scenario('nginx-established', (text) => text.replace('warm-up: 1', 'warm-up: 0')) + FAULTS,
    );
    const ended = await thaw('run', file, ...SLOW, '--count', '3', '--reports', place.path);
    const { migrations, verdicts } = recordOf(ended);
    expect(migrations.map(({ faults }) => faults.map(({ kind, state }) => [kind, state]))).toEqual([
      [['jump-clock', 'injected']],
      [['hang-share', 'injected']],
      [
        ['kill-criu', 'injected'],
        ['freeze-host', 'skipped'],
      ],
    ]);
    expect(migrations.map(({ outcome }) => outcome.state)).toEqual(['completed', 'completed', 'failed']);
    expect(verdicts.filter(({ state }) => state === 'fail')).toEqual([]);
    expect(verdicts).toContainEqual(expect.objectContaining({ check: 'after faults', state: 'pass' }));
    // The source's clock was put back, and no packet to the share is dropped any more.
    expect(Math.abs(clockOff('rhel01') - off)).toBeLessThan(10);
    for (const host of ['rhel01', 'rhel02']) expect(onGuest(host, 'iptables-save | grep 2049')).toBe('');
  });
});
