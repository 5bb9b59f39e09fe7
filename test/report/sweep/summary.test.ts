import { expect, test } from 'vitest';
import { renderSweep } from '../../../harness/report/sweep/summary.ts';
import { sweepOf } from './fixture.ts';

const style = { width: 80, colour: false, directory: 'reports/memory/sweep-1' };

test('a sweep tells each cell, and what memory costs', async () => {
  await expect(renderSweep(sweepOf(), style)).toMatchFileSnapshot('../../golden/report/sweep.txt');
});

test('a cell that failed or was skipped is told with its reasons', async () => {
  const text = renderSweep(
    sweepOf((cell) => {
      if (cell === 1) {
        const verdicts = [
          { check: 'lost requests', state: 'fail', why: '8 of 90 lost\u001b[2J, at most 0 may be' } as const,
        ];
        return { verdict: 'fail', verdicts };
      }
      if (cell !== 4) return {};
      const tail = {
        state: 'skipped',
        reason: 'hybrid needs userfaultfd',
        endedMs: 1,
        probe: null,
        heartbeat: null,
      } as const;
      return { verdict: 'unknown', outcome: 'skipped', migrations: [], distributions: [], tail };
    }),
    style,
  );
  await expect(text).toMatchFileSnapshot('../../golden/report/sweep-failing.txt');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
