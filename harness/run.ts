/**
 * One run, read top to bottom: everything is prepared, then hosts come up, the container migrates again and
 * again under the eyes of a probe, the raw files are closed, and only then is anything derived from them.
 */
import { analyse } from './analysis/analyse.ts';
import { type Clock, startClock } from './clock.ts';
import { deferredTranscript, type FileTranscript, fileTranscript } from './host/transcript.ts';
import { keepUp } from './keep-up.ts';
import { openHistory, openLive } from './live.ts';
import type { LivePage } from './live-page/open.ts';
import type { Leg } from './migration/itinerary.ts';
import type { MigrationObservation, Phase, RunHead, RunPart, RunRecord, RunTail, Sample } from './model.ts';
import { narrator } from './narrate.ts';
import { perform } from './perform.ts';
import { prepare, type Stage } from './prepare.ts';
import { runTrace } from './report/formats/trace.ts';
import { collectTraced } from './report/formats/trace-samples.ts';
import { collectSamples } from './report/html/columns.ts';
import { excerptsOf } from './report/html/excerpts.ts';
import type { Progress } from './report/progress.ts';
import type { LoadedScenario } from './scenario/load.ts';
import { openScope, type Scope } from './scope.ts';
import { loadRun } from './store/load.ts';
import { seal } from './store/origin.ts';
import { type AskedFor, saveReports } from './store/reports.ts';
import { beginRun, type RunStore, requireWritable, saveRecord } from './store/store.ts';
import { writeReport } from './store/write-report.ts';
import { thawVersion } from './version.ts';

export interface RunRequest {
  loaded: LoadedScenario;
  reportsDirectory: string;
  progress: Progress;
  /** Stops at the first migration that fails, with everything in place, until it is interrupted. */
  keep?: boolean | undefined;
  /** The runs that this one goes on for. */
  continues?: readonly RunPart[] | undefined;
  /** Shows the run in a browser while it goes on. */
  page?: LivePage | undefined;
  /** Aborted with an InterruptedError; the run then ends after the migration that goes on, with its record. */
  signal: AbortSignal;
}

/** Runs a scenario. Throws a ThawError where nothing could begin; once there is a run directory, it is finished. */
export async function runScenario(request: RunRequest): Promise<{ record: RunRecord; directory: string }> {
  const { signal, keep, page } = request;
  const progress = page?.beside(request.progress) ?? request.progress;
  const { directory } = await onStage({ ...request, progress }, (staged) => {
    page?.begun(staged.store.directory);
    return perform(staged.stage, {
      ...staged,
      progress,
      signal,
      keep,
      ...watchedBy(staged, progress, page),
      keepUp: keepUp({ ...staged, scenario: staged.stage.scenario }),
    });
  });
  const record = await deriveRecord(directory);
  page?.ended();
  return { record, directory };
}

/** What a person sees of a run while it goes on. */
function watchedBy({ stage, store, clock }: Staged, progress: Progress, page: LivePage | undefined) {
  const { scenario } = stage;
  const history = openHistory(scenario.migration.path);
  const { tell, look } = narrator(store, stage, progress, history.add);
  const live = openLive({ scenario, clock, progress, history, look });
  return {
    onPhase(leg: Leg, phase: Phase) {
      page?.onPhase(leg, phase);
      live.onPhase(leg, phase);
    },
    async tell(observation: MigrationObservation) {
      live.onFinished(observation);
      await tell(observation);
      page?.look(clock.now());
    },
  };
}

/** What is there once everything is prepared, and a run directory begun. */
export interface Staged {
  stage: Stage;
  store: RunStore;
  clock: Clock;
  transcript: FileTranscript;
}

/** Prepares everything, lets `act` do what the run is for, undoes everything, and closes the run directory. */
export async function onStage(
  request: RunRequest,
  act: (staged: Staged) => Promise<RunTail>,
): Promise<RunStore> {
  const { progress, signal, reportsDirectory } = request;
  const { scenario, text } = request.loaded;
  requireWritable(reportsDirectory);
  const clock = startClock();
  const transcript = deferredTranscript();
  const scope = openScope();
  try {
    const stage = await prepare(scenario, { clock, transcript, progress, signal, scope });
    const store = beginRun(reportsDirectory, headOf(stage, request, clock), text);
    seal(store.directory);
    const written = fileTranscript(store.transcriptFile);
    transcript.moveTo(written);
    const tail = await act({ stage, store, clock, transcript: written });
    progress.status('ending the hosts');
    const untidy = await scope.close();
    store.finish(withUntidiness(tail, untidy, await written.end()));
    return store;
  } finally {
    await scope.close();
  }
}

/** Recomputes the record of a run directory, and its reports, from its raw files alone. */
export async function deriveRecord(directory: string, asked: AskedFor = {}): Promise<RunRecord> {
  const run = await loadRun(directory);
  const carried = collectSamples();
  const traced = asked.trace === undefined ? null : collectTraced();
  const see = (sample: Sample): void => {
    carried.add(sample);
    traced?.add(sample);
  };
  const record = analyse({ ...run, samples: seenBy(see, run.samples) });
  await saveRecord(directory, record);
  saveReports(directory, record, carried.pack(), asked, excerptsOf(run.migrations, record));
  if (asked.trace !== undefined && traced !== null) {
    writeReport(asked.trace, runTrace(record, run.migrations, traced.fold()));
  }
  return record;
}

/** The same samples, each shown to `see` on its way: a long run is read once. */
function* seenBy(see: (sample: Sample) => void, samples: Iterable<Sample>): Generator<Sample> {
  for (const sample of samples) {
    see(sample);
    yield sample;
  }
}

function headOf(stage: Stage, request: RunRequest, clock: Clock): Omit<RunHead, 'schema' | 'id'> {
  return {
    thaw: thawVersion(),
    ...stage.facts,
    scenarioFile: request.loaded.file,
    startedAt: new Date().toISOString(),
    originNs: clock.originNs.toString(),
    wallOffsetMs: clock.wallOffsetMs,
    continues: [...(request.continues ?? [])],
  };
}

/** What could not be undone, or was not written, is part of how the run ended. */
function withUntidiness(
  tail: RunTail,
  untidy: Awaited<ReturnType<Scope['close']>>,
  unwritten: string | null,
): RunTail {
  const left = untidy.map(({ label, error }) => `could not ${label}: ${error}`);
  if (left.length > 0) left.push('run `thaw clean`');
  if (unwritten === null && left.length === 0) return tail;
  return { ...tail, reason: [tail.reason, unwritten, ...left].filter(Boolean).join('\n') };
}
