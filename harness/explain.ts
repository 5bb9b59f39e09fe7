/** Why something failed: a run directory, a directory with logs of CRIU, or one log. */
import { lstatSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { diagnose } from './diagnosis/diagnose.ts';
import { evidenceIn, readEvidence } from './diagnosis/read.ts';
import { UsageError } from './errors.ts';
import type { Explanation, LogEvidence } from './model.ts';
import { condensedIn } from './store/condensed.ts';
import { isRun } from './store/load.ts';
import { loadRecord } from './store/load-record.ts';

/** One for each failed migration of a run, or one for all logs; empty where no error was found. UsageError for other paths. */
export async function explain(path: string): Promise<Explanation[]> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`there is no ${path}${whyDropped(path)}`, NEXT);
  if (found.isFile() && /\.(?:tar|tar\.gz|tgz)$/.test(path))
    throw new UsageError(`${path} is an archive`, 'unpack it (tar -xf), and name the run directory in it');
  if (found.isFile()) return explainLogs(path, readEvidence(path, basename(path)) ?? []);
  if (!found.isDirectory()) throw new UsageError(`${path} is neither a file nor a directory`, NEXT);
  if (isRun(path)) return explainRun(path);
  const evidence = evidenceIn(path);
  if (evidence.length === 0)
    throw new UsageError(`there is no log in ${path}: nothing there ends in .log`, NEXT);
  return explainLogs(path, evidence);
}

/** Of a migration whose logs a long run has dropped. */
function whyDropped(path: string): string {
  const [, run, number] = /^(.*)\/migrations\/(\d{4,})(?:\/|$)/.exec(resolve(path)) ?? [];
  if (run === undefined || !isRun(run) || condensedIn(run)(Number(number)) === undefined) return '';
  return `: migration ${Number(number)} completed, and a long run drops the logs of old ones that did`;
}

const NEXT = "name a run directory, a directory with CRIU's logs, or one log such as dump.log";

async function explainRun(path: string): Promise<Explanation[]> {
  const { migrations } = await loadRecord(path);
  return migrations.flatMap(({ number, source, destination, outcome, diagnosis }) =>
    outcome.state === 'failed'
      ? [{ what: `migration ${number}, ${source} → ${destination}, failed at ${outcome.phase}`, diagnosis }]
      : [],
  );
}

function explainLogs(path: string, evidence: LogEvidence | LogEvidence[]): Explanation[] {
  const logs = [evidence].flat();
  if (logs.every(({ content }) => content === 'nothing')) return [{ what: path, diagnosis: null }];
  const diagnosis = diagnose({ logs, phase: null, versions: { criu: null, kernel: null }, words: WORDS });
  if (diagnosis?.failure == null) refuseUnlessLogs(path, logs);
  return diagnosis === null ? [] : [{ what: path, diagnosis }];
}

/** A log does not tell of which host it is. */
const WORDS = { host: 'that host' };

/** A line of a known failure tells enough by itself; anything else must come out of a log. */
function refuseUnlessLogs(path: string, logs: readonly LogEvidence[]): void {
  if (logs.some(({ content }) => content === 'log')) return;
  const binary = logs.find(({ content }) => content === 'binary');
  throw binary === undefined
    ? new UsageError(`${path} is no log of CRIU or of a runtime`, NEXT)
    : new UsageError(`${path} is no log: ${binary.name} is binary, not text`, NEXT);
}
