/** A run again: whether it fails as it did, how often, and what the smallest scenario is that still does. */

import { pinned } from './analysis/pinned.ts';
import {
  type Again,
  againOf,
  differencesOf,
  type ReproResult,
  reproResult,
} from './analysis/repro/result.ts';
import { symptomsOf } from './analysis/repro/symptoms.ts';
import { ThawError, UsageError } from './errors.ts';
import { beginStress, type StressKind } from './host/stress.ts';
import type { CaptureKind, RunRecord, Scenario } from './model.ts';
import type { Progress } from './report/progress.ts';
import { runScenario } from './run.ts';
import { simplifications } from './scenario/simplify.ts';
import { documentOf, type ScenarioDocument, understood, writeScenario } from './scenario/write.ts';
import { requireWritable } from './store/store.ts';

export interface ReproRequest {
  /** Run directory, or its record, as it is to be told. */
  run: string;
  before: RunRecord;
  /** How often at most; `untilFailure`: no more once it has failed as it did. */
  times: number;
  untilFailure: boolean;
  /** Load of this machine beside it. */
  stress: readonly StressKind[];
  /** Beside what the run has captured. */
  capture: readonly CaptureKind[];
  /** At the first migration that fails. */
  keep: boolean;
  reportsDirectory: string;
  progress: Progress;
  /** Aborted with an InterruptedError; what is there then is told. */
  signal: AbortSignal;
}

/** One scenario that was tried while a failing one was made smaller. */
export interface Tried {
  what: string;
  /** Whether it failed as before: what is gone is not needed. */
  fails: boolean;
}

export interface Minimised {
  run: string;
  symptoms: string[];
  tried: Tried[];
  /** The smallest scenario that still fails, as YAML. */
  scenario: string;
  /** False: interrupted, so a smaller one may be there. */
  complete: boolean;
}

/** What cannot be run again is a result. EnvironmentError where the load beside it cannot be made. */
export async function reproduce(request: ReproRequest): Promise<ReproResult> {
  const { run, before, times, untilFailure, progress, signal } = request;
  const symptoms = symptomsOf(before);
  const scenario = pinned(before);
  const again: Again[] = [];
  let differences: string[] | null = null;
  await underStress(request, async () => {
    while (again.length < times && !signal.aborted) {
      if (times > 1) progress.line(`run ${again.length + 1} of ${untilFailure ? 'at most ' : ''}${times}`);
      const { told, record } = await once(scenario, symptoms, request);
      again.push(told);
      if (record !== null) differences ??= differencesOf(before, record);
      if (untilFailure && hasFailed(told, symptoms)) break;
    }
  });
  const of = { run, symptoms, wanted: times, stoppedAtFirst: untilFailure };
  return reproResult(of, again, differences ?? []);
}

/** As it did before; where it had passed, in any way. */
function hasFailed({ state, symptoms: now }: Again, symptoms: readonly string[]): boolean {
  return symptoms.length > 0 ? state === 'reproduced' : now.length > 0;
}

/**
 * Leaves out what can be left out, again and again, for as long as it fails as before. UsageError where the run has not
 * failed, or does not fail again.
 */
export async function minimise(request: ReproRequest): Promise<Minimised> {
  const { run, before, signal } = request;
  const symptoms = symptomsOf(before);
  if (symptoms.length === 0) throw new UsageError(`${run} has not failed: nothing can be made smaller`);
  return underStress(request, async () => {
    const { tried, document } = await shrink(pinned(before), symptoms, request);
    return { run, symptoms, tried, scenario: writeScenario(document), complete: !signal.aborted };
  });
}

async function shrink(
  scenario: Scenario,
  symptoms: readonly string[],
  request: ReproRequest,
): Promise<{ tried: Tried[]; document: ScenarioDocument }> {
  const { run, progress, signal, times } = request;
  const fails = async (smaller: Scenario): Promise<boolean> => {
    for (let n = 0; n < times && !signal.aborted; n++) {
      if ((await once(smaller, symptoms, request)).told.state === 'reproduced') return true;
    }
    return false;
  };
  progress.line('as it was');
  if (!(await fails(scenario))) {
    signal.throwIfAborted();
    throw new UsageError(
      `it does not fail again as it did in ${run}`,
      `thaw repro ${run} --until-failure 20`,
    );
  }
  let document = documentOf(scenario);
  const tried: Tried[] = [];
  const needed = new Set<string>();
  const next = () => simplifications(document).find(({ what }) => !needed.has(what));
  for (let one = next(); one !== undefined; one = next()) {
    progress.line(one.what);
    const failed = await fails(understood(one.document) as Scenario);
    if (signal.aborted) break;
    tried.push({ what: one.what, fails: failed });
    if (failed) document = one.document;
    else needed.add(one.what);
  }
  return { tried, document };
}

async function underStress<T>({ stress, reportsDirectory }: ReproRequest, act: () => Promise<T>): Promise<T> {
  if (stress.length > 0) requireWritable(reportsDirectory);
  const load = await beginStress(stress, reportsDirectory);
  try {
    return await act();
  } finally {
    await load.end();
  }
}

async function once(
  of: Scenario,
  symptoms: readonly string[],
  { before, reportsDirectory, progress, signal, keep, ...also }: ReproRequest,
): Promise<{ told: Again; record: RunRecord | null }> {
  const capture = [...new Set([...of.capture, ...also.capture])];
  const scenario = { ...of, capture };
  const loaded = { scenario, file: before.head.scenarioFile, text: writeScenario(documentOf(scenario)) };
  try {
    const { record, directory } = await runScenario({ loaded, reportsDirectory, progress, signal, keep });
    return { told: againOf(symptoms, record, directory), record };
  } catch (error) {
    if (!(error instanceof ThawError)) throw error;
    progress.line(error.message);
    const nothing = { run: null, error: error.message, symptoms: [], migrations: 0, failed: 0 };
    return { told: { state: 'unknown', ...nothing }, record: null };
  }
}
