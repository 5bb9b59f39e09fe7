/** A suite of six cells, one in each of the states that matter. */
import type { PlannedCell, SuitePlan } from '../../../harness/analysis/suite/plan.ts';
import {
  type AttemptWithRecord,
  type SuiteResult,
  suiteResult,
} from '../../../harness/analysis/suite/result.ts';
import type { RunRecord } from '../../../harness/model.ts';
import { failingRecord, passingRecord } from '../fixture.ts';

function planned(id: string, scenario: string, values: Record<string, string>): PlannedCell {
  return { id, scenario, values, expect: null, wanted: 11 };
}

const KNOWN = { why: 'CRIU cannot yet', link: 'https://example.org/issues/1' };

export function suitePlan(changes: Partial<SuitePlan> = {}): SuitePlan {
  return {
    name: 'runtimes',
    why: 'which runtime moves what',
    digest: '0123456789abcdef',
    repeat: 1,
    retries: 1,
    cells: [
      planned('httpd[runtime=runc]', 'httpd', { runtime: 'runc' }),
      planned('httpd[runtime=crun]', 'httpd', { runtime: 'crun' }),
      {
        ...planned('counter[runtime=runc]', 'counter', { runtime: 'runc' }),
        expect: { kind: 'fail', failure: 'file-lock', until: '2027-01-01', ...KNOWN },
      },
      {
        ...planned('counter[runtime=crun]', 'counter', { runtime: 'crun' }),
        expect: { kind: 'skip', ...KNOWN },
      },
      planned('nginx[runtime=runc]', 'nginx', { runtime: 'runc' }),
      planned('nginx[runtime=crun]', 'nginx', { runtime: 'crun' }),
    ],
    ...changes,
  };
}

export function attemptAt(
  cell: string,
  record: RunRecord | null,
  changes: Partial<AttemptWithRecord> = {},
): AttemptWithRecord {
  return {
    cell,
    repeat: 1,
    attempt: 1,
    run: record === null ? null : 'httpd/1',
    error: record === null ? 'the toolchain debian:sarge is not to be had' : null,
    seconds: 12.5,
    startedAt: '2026-01-31T12:00:00.000Z',
    record,
    ...changes,
  };
}

/** A record whose failed migrations are all put down to this known failure. */
export function failedBy(failure: string | null): RunRecord {
  const record = failingRecord();
  return {
    ...record,
    migrations: record.migrations.map((migration) =>
      migration.diagnosis === null
        ? migration
        : { ...migration, diagnosis: { ...migration.diagnosis, failure } },
    ),
  };
}

export function passing(): RunRecord {
  return { ...passingRecord(), verdict: 'pass', outcome: 'completed' };
}

export function skipping(): RunRecord {
  return {
    ...passing(),
    migrations: [],
    distributions: [],
    verdicts: [],
    verdict: 'unknown',
    outcome: 'skipped',
  };
}

/** Passed, flaky, failed as expected, skipped as expected, failed, and not begun. */
export function suiteOf(): SuiteResult {
  const plan = suitePlan();
  return suiteResult(
    plan,
    plan.cells.map(({ id }) => id),
    null,
    [
      attemptAt('httpd[runtime=runc]', passing()),
      attemptAt('httpd[runtime=crun]', failedBy(null)),
      attemptAt('httpd[runtime=crun]', passing(), { attempt: 2 }),
      attemptAt('counter[runtime=runc]', failedBy('file-lock')),
      attemptAt('counter[runtime=crun]', skipping()),
      attemptAt('nginx[runtime=runc]', failedBy('file-lock')),
      attemptAt('nginx[runtime=crun]', null),
    ],
  );
}
