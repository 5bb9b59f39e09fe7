/** One run of one version, as the search takes it. */
import { counted } from '../../counted.ts';
import type { RunRecord } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { verdictOf } from '../checks.ts';
import { symptomsOf, tells } from '../repro/symptoms.ts';
import type { Seen } from './step.ts';

export interface Trial {
  /** Its place among the versions, from 0. */
  version: number;
  state: Seen;
  /** Why it is so. */
  because: string;
  symptoms: string[];
  /** What the first diagnosis of the failure says; null: none was made. */
  cause: string | null;
  /** `runc 1.3.6, CRIU 4.2.1`: null where no run began. */
  software: string | null;
  /** Its run directory, relative to that of the bisection. */
  run: string | null;
  /** Of a build that failed. */
  log: string | null;
  seconds: number;
  startedAt: string;
}

export type Judgement = Pick<Trial, 'state' | 'because' | 'symptoms' | 'cause' | 'software'>;

/** Where a `failure` is named, only that one is a failure, and a run that failed otherwise cannot tell. */
export function judgeRun(record: RunRecord, failure: string | null): Judgement {
  return { ...stateOf(record, failure), ...toldBy(record, failure) };
}

function stateOf(record: RunRecord, failure: string | null): Pick<Trial, 'state' | 'because'> {
  const symptoms = symptomsOf(record);
  const said = symptoms.join('; ');
  const known = record.migrations.some(({ diagnosis }) => diagnosis?.failure === failure);
  if (failure === null ? symptoms.length > 0 : known) return { state: 'fail', because: said };
  if (symptoms.length > 0) return { state: 'unknown', because: `failed, but not by ${failure}: ${said}` };
  if (!tells(record)) return { state: 'unknown', because: record.tail?.reason ?? 'it made no migration' };
  if (failure === null && verdictOf(record) === 'unknown') {
    const lacking = record.verdicts.filter(({ state }) => state === 'unknown').map(({ check }) => check);
    return { state: 'unknown', because: `checks without data: ${lacking.join(', ')}` };
  }
  return { state: 'pass', because: `${counted(record.migrations.length, 'migration')} completed` };
}

function toldBy(record: RunRecord, failure: string | null): Pick<Trial, 'symptoms' | 'cause' | 'software'> {
  const diagnoses = record.migrations.flatMap(({ diagnosis }) => diagnosis ?? []);
  const told = diagnoses.find((one) => failure === null || one.failure === failure) ?? diagnoses[0];
  const software = record.head.hosts.map(
    ({ toolchain }) => `${runtimeText(toolchain)}, CRIU ${toolchain.criu}`,
  );
  return {
    symptoms: symptomsOf(record),
    cause: told === undefined ? null : causeOf(told),
    software: [...new Set(software)].join('; '),
  };
}

/** Of an unknown failure the line says more than that it is unknown. */
function causeOf({
  failure,
  line,
  cause,
}: NonNullable<RunRecord['migrations'][number]['diagnosis']>): string {
  return failure === null && line !== null ? line.text : cause;
}
