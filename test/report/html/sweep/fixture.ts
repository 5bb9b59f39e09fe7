/** Sweeps as their pages take them. */
import { sweepResult } from '../../../../harness/analysis/sweep/result.ts';
import type { SweepView } from '../../../../harness/report/html/sweep/page.ts';
import { plan, skewPlan, skewRuns, sweepOf } from '../../sweep/fixture.ts';

/** Over memory and handover: two runs a cell, the second without a page. */
export function memoryView(): SweepView {
  const runs = plan.cells.flatMap((_, cell) =>
    [1, 2].map((round) => ({
      cell,
      round,
      verdict: 'pass' as const,
      page: round === 1 ? `memory/${cell}/report.html` : null,
    })),
  );
  return { result: sweepOf(), runs, thaw: '0.1.0' };
}

/** Of two toolchains each way; `evil`: made of each name. */
export function skewView(evil: (text: string) => string = (text) => text): SweepView {
  const skew = skewPlan(evil);
  const runs = skewRuns(skew, evil);
  return {
    result: sweepResult(skew, runs),
    runs: runs.map(({ cell, round, run }) => ({
      cell,
      round,
      verdict: 'fail',
      page: evil(`${run}/report.html`),
    })),
    thaw: '0.1.0',
  };
}
