/** Which runs of the candidate belong to which of the base. */
import type { RunRecord } from '../../model.ts';

export interface Runs {
  base: readonly RunRecord[];
  candidate: readonly RunRecord[];
}

/**
 * By the scenario's name. One scenario against another of a different name are a pair too: that is what was asked,
 * and the name is among their differences.
 */
export function pairUp(runs: Runs): (Runs & { scenario: string })[] {
  const names = { base: namesOf(runs.base), candidate: namesOf(runs.candidate) };
  const all = [...new Set([...names.base, ...names.candidate])];
  if (names.base.length === 1 && names.candidate.length === 1) {
    return [{ scenario: all.join(' against '), ...runs }];
  }
  const of = (scenario: string, records: readonly RunRecord[]): RunRecord[] =>
    records.filter(({ head }) => head.scenario.name === scenario);
  return all.map((scenario) => ({
    scenario,
    base: of(scenario, runs.base),
    candidate: of(scenario, runs.candidate),
  }));
}

function namesOf(records: readonly RunRecord[]): string[] {
  return [...new Set(records.map(({ head }) => head.scenario.name))];
}
