/** What was to be done and checked in a run, as cases for those who count tests. */
import type { RunRecord, VerdictState } from '../../model.ts';

export interface Case {
  name: string;
  state: VerdictState | 'skipped';
  why: string;
}

/** One for the run itself, then one for each check. */
export function casesOf(record: RunRecord): [Case, ...Case[]] {
  return [
    outcomeCase(record),
    ...record.verdicts.map(({ check, state, why }) => ({ name: check, state, why })),
  ];
}

function outcomeCase({ outcome, tail }: RunRecord): Case {
  const why = tail?.reason ?? `the run is ${outcome}`;
  switch (outcome) {
    case 'completed':
      return { name: 'run', state: 'pass', why };
    case 'skipped':
      return { name: 'run', state: 'skipped', why };
    case 'failed':
    case 'interrupted':
      return { name: 'run', state: 'unknown', why };
  }
}
