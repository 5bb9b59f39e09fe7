/**
 * One run, read top to bottom: everything is prepared, then hosts come up, the container migrates again and
 * again under the eyes of a probe, the raw files are closed, and only then is anything derived from them.
 */
import { analyse } from './analysis/analyse.ts';
import { startClock } from './clock.ts';
import { deferredTranscript, fileTranscript } from './host/transcript.ts';
import type { RunRecord } from './model.ts';
import { perform } from './perform.ts';
import { prepare } from './prepare.ts';
import type { Progress } from './report/progress.ts';
import { applyOverrides, loadScenario, type Overrides } from './scenario/load.ts';
import { openScope } from './scope.ts';
import { beginRun, finishRun, loadRun, saveRecord } from './store/store.ts';

export interface RunRequest {
  scenarioPath: string;
  overrides: Overrides;
  reportsDirectory: string;
  progress: Progress;
  /** Aborted with an InterruptedError; the run then ends after the migration that goes on, with its record. */
  signal: AbortSignal;
}

/** Runs a scenario. Throws a ThawError where nothing could begin; from the first migration on there is a record. */
export async function runScenario(request: RunRequest): Promise<{ record: RunRecord; directory: string }> {
  const loaded = await loadScenario(request.scenarioPath);
  const scenario = applyOverrides(loaded.scenario, request.overrides);
  const { progress, signal } = request;
  const clock = startClock();
  const transcript = deferredTranscript();
  const scope = openScope();
  try {
    const stage = await prepare(scenario, { ...request, clock, transcript, scope });
    const store = await beginRun(request.reportsDirectory, stage.head, loaded.text);
    transcript.moveTo(fileTranscript(store.transcriptFile));
    const tail = await perform(stage, { store, clock, progress, signal });
    progress.status('ending the hosts');
    const untidy = await scope.close();
    await transcript.close();
    finishRun(store, untidy.length === 0 ? tail : { ...tail, reason: [tail.reason, ...untidy.map((u) => `${u.label}: ${u.error}`)].filter(Boolean).join('\n') });
    return { record: await deriveRecord(store.directory), directory: store.directory };
  } finally {
    await scope.close();
  }
}

/** Recomputes the record of a run directory from its raw files alone. */
export async function deriveRecord(directory: string): Promise<RunRecord> {
  const record = analyse(await loadRun(directory));
  await saveRecord(directory, record);
  return record;
}
