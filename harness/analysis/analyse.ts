/** Raw files → record: pure, in one pass over the samples. The same run gives the same record, byte by byte. */
import { diagnoseMigration } from '../diagnosis/migration.ts';
import type {
  FailureKind,
  Instant,
  MigrationFiles,
  MigrationObservation,
  MigrationResult,
  ProbePlan,
  ProbeSummary,
  RawRun,
  RunHead,
  RunRecord,
  RunTail,
  Sample,
} from '../model.ts';
import { pagesAgree } from '../runtime/criu/pages.ts';
import { isLazy } from '../strategy.ts';
import { believed } from './believed.ts';
import { bodies } from './bodies.ts';
import { verdicts, worst } from './checks.ts';
import { clocksOf, wallWasSet } from './clocks.ts';
import { connectionsOf } from './connections.ts';
import { containerChange } from './container.ts';
import { distributions } from './distributions.ts';
import { type ClientView, downtimeOf, longestLatency, lostIn, noLosses } from './downtime.ts';
import { frozenWindow } from './frozen-window.ts';
import { gapOf, transferOf } from './gap.ts';
import { heartbeatOf } from './heartbeat.ts';
import { between, isUnknown, unknown } from './intervals.ts';
import { memoryHistory } from './memory.ts';
import { recoveryOf } from './recovery.ts';
import { expectedHosts, servedBy } from './served-by.ts';
import { spansOf } from './spans.ts';
import { type SplitBrain, splitBrain } from './split-brain.ts';
import { gather } from './statistics.ts';
import { dealOut } from './windows.ts';

export function analyse({ head, tail, migrations, samples }: RawRun): RunRecord {
  const { scenario } = head;
  const history = servedBy();
  const probe = probeSummary();
  const memory = memoryHistory();
  const content = bodies();
  const results: MigrationResult[] = [];
  const brains = new Map<number, SplitBrain>();
  let settledMs = Number.NEGATIVE_INFINITY;
  const each = (sample: Sample): void => {
    probe.add(sample);
    if (sample.state !== 'answered') return;
    history.add(sample);
    memory.add(sample);
    content.add(sample);
  };
  dealOut(
    { begins: migrations.map(({ observation }) => observation.begunMs), lateMs: lateness(scenario.probe) },
    samples,
    each,
    (index, view) => {
      const { observation, files } = migrations[index] as RawRun['migrations'][number];
      const result = analyseMigration({ head, tail, observation, files, view: { ...view, settledMs } });
      results.push(result);
      settledMs = settledAfter(observation, result);
      brains.set(observation.number, splitBrain(observation, view));
    },
  );
  const expected = expectedHosts(
    scenario.migration.path,
    migrations.map(({ observation }) => observation),
  );
  const all = distributions(results, scenario.seed);
  const remembered = memory.told(
    migrations.map(({ observation: { number, begunMs, destination, outcome } }) => ({
      number,
      begunMs,
      destination,
      completed: outcome.state === 'completed',
    })),
  );
  const told = verdicts({
    scenario,
    results,
    servedBy: history.stretches(),
    expected,
    probe: probe.summary(),
    splitBrain: brains,
    memory: remembered,
    bodies: content.told(),
    sanitizer: tail?.sanitizer ?? [],
  });
  return {
    schema: head.schema,
    head,
    tail,
    migrations: results,
    distributions: all,
    servedBy: history.stretches(),
    probe: probe.summary(),
    memory: remembered,
    verdicts: told,
    verdict: worst(told.map(({ state }) => state)),
    // Without a tail the run was killed.
    outcome: tail?.state ?? 'interrupted',
  };
}

export interface MigrationInput {
  head: Pick<RunHead, 'scenario' | 'hosts'>;
  tail: RunTail | null;
  observation: MigrationObservation;
  files: MigrationFiles;
  view: ClientView;
}

/** One migration, from what was observed of it and the samples around it. */
export function analyseMigration({ head, tail, observation, files, view }: MigrationInput): MigrationResult {
  const { probe } = head.scenario;
  const window = frozenWindow(observation, files);
  const downtime = downtimeOf(observation, view, probe, window);
  const recoveryMs = isUnknown(downtime) ? downtime : recoveryOf(view, downtime.firstAnswerMs);
  const wallSet = wallWasSet(observation.source, observation.clocks);
  const dumpStats = believed(files.dumpStats, observation, wallSet);
  return {
    number: observation.number,
    warmUp: observation.warmUp,
    source: observation.source,
    destination: observation.destination,
    outcome: observation.outcome,
    // The logs of a migration that completed are not looked at.
    diagnosis:
      observation.outcome.state === 'failed' ? diagnoseMigration(head, observation, files.evidence) : null,
    files: observation.files,
    ...(files.dropped !== undefined && { logs: 'dropped' as const }),
    spans: spansOf(observation, downtime, recoveryMs),
    downtime,
    frozenWindow: window,
    gap: gapOf(observation),
    transfer: transferOf(observation),
    recoveryMs,
    lost: lostIn(view),
    longestLatencyMs: longestLatency(view),
    connections: connectionsOf(observation, view, probe),
    preDumps: observation.preDumps.map(({ span, pageImageBytes }, i) => ({
      duration: between(span.exec, span.exit),
      stats: files.preDumpStats[i] ?? unknown('CRIU wrote no stats-dump'),
      pageImageBytes,
    })),
    lazyPages: isLazy(head.scenario.migration.strategy)
      ? (files.lazyPages ?? unknown('the log of the lazy-pages daemon does not tell'))
      : null,
    dumpStats,
    restoreStats: files.restoreStats ?? unknown('CRIU wrote no stats-restore'),
    pagesAgree: pagesAgree(
      isUnknown(dumpStats) ? null : dumpStats,
      observation.pageImageBytes,
      files.pageSize,
    ),
    imageBytes: observation.imageBytes,
    dropRules: observation.dropRules,
    running: observation.running,
    container: containerChange(observation, files, head.scenario.checks.sameContainer),
    hygiene: observation.hygiene,
    retries: observation.retries,
    faults: observation.faults,
    captures: observation.captures,
    clocks: clocksOf(observation.clocks),
    heartbeat: heartbeatOf(observation, tail, window),
  };
}

/** When the client was served as before again; from then on it is the level for the next migration. */
function settledAfter({ endedMs }: MigrationObservation, { downtime, recoveryMs }: MigrationResult): Instant {
  if (isUnknown(downtime)) return endedMs;
  return Math.max(endedMs, downtime.firstAnswerMs + (isUnknown(recoveryMs) ? 0 : recoveryMs));
}

/** How long after it was due a sample may be written: its time limit counts from when it was sent. */
function lateness({ timeoutMs }: Pick<ProbePlan, 'timeoutMs'>): number {
  return timeoutMs + 60_000;
}

function probeSummary(): { add(sample: Sample): void; summary(): ProbeSummary } {
  const lateness = gather();
  const latency = gather();
  const { dropped: _, ...none } = noLosses();
  const failed: Record<FailureKind, number> = none;
  const counts = { samples: 0, answered: 0, dropped: 0, connections: 0 };
  return {
    add(sample) {
      counts.samples++;
      if (sample.state === 'dropped') {
        counts.dropped++;
        return;
      }
      lateness.add(sample.sent - sample.due);
      counts.connections = Math.max(counts.connections, sample.connection ?? 0);
      if (sample.state === 'failed') failed[sample.kind]++;
      else {
        counts.answered++;
        latency.add(sample.end - sample.due);
      }
    },
    summary: () => ({ ...counts, failed, lateness: lateness.summary(), latency: latency.summary() }),
  };
}
