/** A migration that failed → its diagnosis, from what was kept of it. */
import type { Diagnosis, LogEvidence, MigrationObservation, RunHead } from '../model.ts';
import { diagnose } from './diagnose.ts';
import { scanLog } from './scan.ts';
import { failedOn, versionsOf, wordsOf } from './words.ts';

/** Null where it completed. `evidence`: what its logs tell. */
export function diagnoseMigration(
  head: Pick<RunHead, 'scenario' | 'hosts'>,
  observation: MigrationObservation,
  evidence: readonly LogEvidence[],
): Diagnosis | null {
  const { outcome } = observation;
  if (outcome.state === 'completed') return null;
  const output = said(outcome.error);
  const question = {
    logs: [...evidence, scanLog('output', [Buffer.from(output)])],
    phase: outcome.phase,
    versions: versionsOf(head.hosts, failedOn(observation)),
    words: wordsOf(head, observation),
  };
  return diagnose(question) ?? untold(outcome.error);
}

/**
 * What the command said, without the line in which Thaw names it, and without what became of the roll back. Of a hook that
 * line stays: nobody knows what a hook may say.
 */
function said(error: string): string {
  const [told = ''] = error.split(/\n *roll(?:ed)? back to /);
  const [first = '', ...rest] = told.split('\n');
  return rest.length === 0 || first.includes(HOOK_CALL) ? told : rest.join('\n');
}

const HOOK_CALL = ': /run/thaw-handover ';

function untold(error: string): Diagnosis {
  const [text = ''] = error.split('\n');
  return {
    failure: null,
    line: text === '' ? null : { log: 'output', number: 1, text: text.slice(0, 400), place: null },
    cause: 'No log was kept that tells of an error.',
    here: [],
    remedy: null,
    sources: [],
    context: [],
  };
}
