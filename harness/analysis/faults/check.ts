/**
 * What must hold after faults on purpose: the container runs on exactly one host, the one that the record names, or its
 * loss is recorded with the phase; and nothing of it is left on a host that is alive.
 */
import type { FaultObservation, HostName, MigrationResult, VerdictState } from '../../model.ts';

/** Null where no migration had a fault. */
export function afterFaults(
  results: readonly MigrationResult[],
): { state: VerdictState; why: string } | null {
  const planned = results.filter(({ faults }) => faults.length > 0);
  if (planned.length === 0) return null;
  const struck = planned.filter(isStruck);
  if (struck.length === 0) {
    const [first] = planned.flatMap(({ faults }) => faults);
    return {
      state: 'unknown',
      why: `no fault took place: ${first?.kind} was ${first?.state}, ${first?.what}`,
    };
  }
  const dead = new Set<HostName>();
  const untold: string[] = [];
  for (const result of results) {
    for (const { kind, host, state } of result.faults) {
      if (kind === 'kill-host' && state === 'injected') dead.add(host);
    }
    if (!isStruck(result)) continue;
    const { wrong, unknown } = stateAfter(result, dead);
    if (wrong !== null) return { state: 'fail', why: `after migration #${result.number} ${wrong}` };
    if (unknown !== null) untold.push(`after migration #${result.number} ${unknown}`);
  }
  const told = toldOf(struck);
  return untold.length === 0
    ? { state: 'pass', why: told }
    : { state: 'unknown', why: `${told}; but ${untold[0]}` };
}

/** Whether a fault took place in it. */
export function isStruck({ faults }: Pick<MigrationResult, 'faults'>): boolean {
  return faults.some(({ state }: FaultObservation) => state === 'injected');
}

function stateAfter(
  { outcome, destination, running, hygiene }: MigrationResult,
  dead: ReadonlySet<HostName>,
): { wrong: string | null; unknown: string | null } {
  const at = outcome.state === 'completed' ? destination : outcome.survivor;
  const on = running.filter((one) => one.running === true).map(({ host }) => host);
  const wrong = (text: string) => ({ wrong: text, unknown: null });
  if (on.length > 1) return wrong(`it ran on ${on.join(' and ')}`);
  if (at === null && on[0] !== undefined) return wrong(`it was recorded as lost, and ran on ${on[0]}`);
  if (at !== null && on[0] !== undefined && on[0] !== at)
    return wrong(`it ran on ${on[0]}, and not on ${at}`);
  const silent = running.find((one) => one.running === null && !dead.has(one.host));
  if (silent !== undefined)
    return { wrong: null, unknown: `${silent.host} did not tell whether it ran there` };
  if (at !== null && on.length === 0) return wrong(`it did not run on ${at}`);
  for (const { host, known, left } of hygiene) {
    const still = left.find(({ removed }) => !removed);
    if (still !== undefined) return wrong(`${host} still had: ${still.what}`);
    if (!known && !dead.has(host))
      return { wrong: null, unknown: `${host} did not tell what was left there` };
  }
  return { wrong: null, unknown: null };
}

function toldOf(struck: readonly MigrationResult[]): string {
  const count = (of: (result: MigrationResult) => boolean): number => struck.filter(of).length;
  const completed = count(({ outcome }) => outcome.state === 'completed');
  const lost = count(({ outcome }) => outcome.state === 'failed' && outcome.survivor === null);
  const kept = struck.length - completed - lost;
  const word = struck.length === 1 ? 'migration' : 'migrations';
  return `faults took place in ${struck.length} ${word}: ${completed} completed, ${kept} failed with the container on one host, ${lost} lost it and say where`;
}
