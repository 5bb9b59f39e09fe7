/** What `thaw repro` finds, as it could have been. */
import type { ReproResult } from '../../../harness/analysis/repro/result.ts';
import { reproResult } from '../../../harness/analysis/repro/result.ts';
import type { Minimised } from '../../../harness/repro.ts';

const SYMPTOM = 'dump failed: file-lock';

export function reproOf(changes: Partial<ReproResult> = {}): ReproResult {
  const result = reproResult(
    { run: 'reports/locks/1', symptoms: [SYMPTOM], wanted: 4, stoppedAtFirst: false },
    [
      {
        state: 'reproduced',
        symptoms: [SYMPTOM],
        run: 'reports/locks/2',
        error: null,
        migrations: 3,
        failed: 2,
      },
      { state: 'passed', symptoms: [], run: 'reports/locks/3', error: null, migrations: 3, failed: 0 },
      {
        state: 'other',
        symptoms: ['check: downtime p95'],
        run: 'reports/locks/4',
        error: null,
        migrations: 3,
        failed: 0,
      },
      {
        state: 'unknown',
        symptoms: [],
        run: null,
        error: 'port 80 is in use on rhel01',
        migrations: 0,
        failed: 0,
      },
    ],
    ['rhel01: CRIU was 4.1.1, is 4.2.1'],
  );
  return { ...result, ...changes };
}

export function minimisedOf(): Minimised {
  return {
    run: 'reports/locks/1',
    symptoms: [SYMPTOM],
    tried: [
      { what: 'one migration', fails: true },
      { what: 'without bundle.tmpfs', fails: false },
    ],
    scenario: 'name: locks\n',
    complete: true,
  };
}
