/** What the logs of failed migrations said of errors, with the lines before: bounded, whatever the logs. Pure. */
import type { Diagnosis, LogEvidence, RawRun, RunRecord } from '../../model.ts';

/** Of one log. */
export interface Excerpt {
  log: string;
  lines: ExcerptLine[];
  /** Lines that tell of errors and are not shown. */
  left: number;
}

export interface ExcerptLine {
  /** Place in the log, from 1. */
  number: number;
  text: string;
  isError: boolean;
}

/** By the number of the migration. */
export type Excerpts = ReadonlyMap<number, readonly Excerpt[]>;

export const NO_EXCERPTS: Excerpts = new Map();

const MIGRATIONS_AT_MOST = 100;
const LOGS_AT_MOST = 4;
/** The first ones: what comes after them is mostly what they brought about. */
const ERRORS_AT_MOST = 5;
const COLUMNS_AT_MOST = 400;

/** With the line that the diagnosis rests on, wherever it stands. */
export function excerptsOf(migrations: RawRun['migrations'], record: RunRecord): Excerpts {
  const diagnoses = new Map(record.migrations.map(({ number, diagnosis }) => [number, diagnosis]));
  const failed = migrations.filter(({ observation }) => observation.outcome.state === 'failed');
  return new Map(
    failed.slice(0, MIGRATIONS_AT_MOST).map(({ observation, files }) => {
      const telling = files.evidence.filter(({ errors, succeeded }) => errors.length > 0 && !succeeded);
      const line = diagnoses.get(observation.number)?.line ?? null;
      const isToldOf = ({ name }: LogEvidence): boolean => name === line?.log;
      const ordered = [...telling.filter(isToldOf), ...telling.filter((log) => !isToldOf(log))];
      return [observation.number, ordered.slice(0, LOGS_AT_MOST).map((log) => excerptOf(log, line))];
    }),
  );
}

/** Each line once, in order, also where two errors have lines before them in common. */
function excerptOf({ name, errors }: LogEvidence, told: Diagnosis['line']): Excerpt {
  const shown = errors.filter(
    ({ number }, i) => i < ERRORS_AT_MOST || (name === told?.log && number === told.number),
  );
  const lines = new Map<number, ExcerptLine>();
  for (const { number, text, before } of shown) {
    for (const [i, line] of before.entries()) {
      const place = number - before.length + i;
      if (!lines.has(place)) lines.set(place, { number: place, text: clipped(line), isError: false });
    }
    lines.set(number, { number, text: clipped(text), isError: true });
  }
  return {
    log: name,
    lines: [...lines.values()].toSorted((a, b) => a.number - b.number),
    left: errors.length - shown.length,
  };
}

/** Never through the middle of a character. */
function clipped(text: string): string {
  const characters = [...text.slice(0, 2 * COLUMNS_AT_MOST)];
  return characters.length <= COLUMNS_AT_MOST && text.length <= 2 * COLUMNS_AT_MOST
    ? text
    : `${characters.slice(0, COLUMNS_AT_MOST).join('')}…`;
}
