/**
 * What logs tell of a failure → its diagnosis. Pure. The first line that a known failure matches is the one that
 * counts: CRIU goes on to say errors long after the first, and most of those only follow from it.
 */
import type { Diagnosis, ErrorLine, LogEvidence, Phase } from '../model.ts';
import { type Catalogue, type KnownFailure, knownFailures } from './catalogue.ts';
import { placeOf } from './collect.ts';
import { mayApply, type Versions } from './versions.ts';
import { fill, type Words } from './words.ts';

export interface Question {
  logs: readonly LogEvidence[];
  /** In which phase it failed; null: not known. */
  phase: Phase | null;
  /** Of the host on which it failed; where a log tells its own, that counts. */
  versions: Versions;
  /** What is known of the scenario and the hosts. */
  words: Words;
}

/** Null where no log tells of an error. */
export function diagnose(question: Question, known: Catalogue = knownFailures()): Diagnosis | null {
  const lines = inOrder(question).flatMap(linesOf);
  const told = lines.filter(({ line }) => !known.noise.some(({ pattern }) => pattern.test(line.text)));
  const by = (rank: KnownFailure['rank']) => knownBy(rank, told, question, known);
  const first = told.find(({ line }) => placeOf(line.text) !== null);
  const certain = by('cause') ?? by('symptom');
  if (certain !== null) return certain;
  if (first !== undefined) return unknownDiagnosis(first);
  const [any] = told;
  return by('wrapper') ?? (any === undefined ? null : unknownDiagnosis(told.find(tellsError) ?? any));
}

function knownBy(
  rank: KnownFailure['rank'],
  told: readonly Told[],
  { versions, words }: Question,
  known: Catalogue,
): Diagnosis | null {
  for (const place of told) {
    const entry = known.failures.find((one) => one.rank === rank && matches(one, place, versions));
    if (entry !== undefined) return knownDiagnosis(entry, place, words);
  }
  return null;
}

/** Whether a line of such a log, said by such versions, is that of a known failure. */
export function matches(entry: KnownFailure, { line, log }: Told, versions: Versions): boolean {
  return (
    (log.kind === null || entry.log.includes(log.kind)) &&
    mayApply(entry.applies, { criu: log.criu ?? versions.criu, kernel: log.kernel ?? versions.kernel }) &&
    entry.pattern.test(line.text)
  );
}

export interface Told {
  line: ErrorLine;
  log: Pick<LogEvidence, 'name' | 'kind' | 'criu' | 'kernel'>;
}

/** The kinds of log that tell of a phase, those first that come nearest to the cause. */
const LOGS_OF: Record<Phase, readonly LogEvidence['kind'][]> = {
  arm: ['runtime'],
  'pre-dump': ['dump', 'runtime'],
  dump: ['dump', 'runtime'],
  transfer: ['runtime'],
  handover: ['runtime'],
  restore: ['restore', 'lazy-pages', 'dump', 'runtime'],
  'lazy-pages': ['restore', 'lazy-pages', 'dump', 'runtime'],
  'clean-up': ['runtime'],
};

/** Without those that succeeded: what they call errors did no harm. What a roll back says comes last. */
function inOrder({ logs, phase }: Question): LogEvidence[] {
  const failed = logs.filter(({ succeeded }) => !succeeded);
  const kinds: readonly LogEvidence['kind'][] =
    phase === null ? ['restore', 'lazy-pages', 'dump', null, 'runtime'] : LOGS_OF[phase];
  const rank = ({ name, kind }: LogEvidence): number =>
    kinds.indexOf(kind) + (name.startsWith(ROLL_BACK) ? kinds.length : 0);
  return failed.filter(({ kind }) => kinds.includes(kind)).sort((a, b) => rank(a) - rank(b));
}

export const ROLL_BACK = 'rollback';

function linesOf(log: LogEvidence): Told[] {
  return log.errors.map((line) => ({ line, log }));
}

function tellsError({ line, log }: Told): boolean {
  return log.kind === 'runtime' || /\bError:/.test(line.text);
}

function knownDiagnosis(entry: KnownFailure, told: Told, words: Words): Diagnosis {
  const own = { ...words, ...entry.pattern.exec(told.line.text)?.groups };
  return {
    failure: entry.id,
    line: primary(told),
    cause: fill(entry.cause, own) ?? entry.cause,
    here: entry.here.flatMap((sentence) => fill(sentence, own) ?? []),
    remedy: fill(entry.remedy, own) ?? entry.remedy,
    sources: entry.source.filter((source) => source.includes('#')),
    context: [],
  };
}

function unknownDiagnosis(told: Told): Diagnosis {
  const line = primary(told);
  const said =
    line.place === null
      ? 'It is the first error that the log tells.'
      : `It is the first error that the log tells; CRIU ${told.log.criu ?? ''} says it in ${line.place} of its source.`;
  return {
    failure: null,
    line,
    cause: `No known failure matches this line. ${said.replace('CRIU  says', 'CRIU says')}`,
    here: [],
    remedy: null,
    sources: [],
    context: told.line.before.map(plain),
  };
}

function primary({ line, log }: Told): Diagnosis['line'] & object {
  return { log: log.name, number: line.number, text: plain(line.text), place: placeOf(line.text) };
}

/** Without CRIU's offset, and no longer than anybody reads. */
function plain(text: string): string {
  return text.replace(/^\(\d{2,}\.\d{6}\)\s*/, '').slice(0, 400);
}
