/** A calibration of outages that are easy to check. */
import { calibration } from '../../harness/analysis/calibration.ts';
import type { AnsweredSample, Calibration, MadeOutage, OutageKind } from '../../harness/model.ts';
import { answered } from '../analysis/fixture.ts';

export const RESOLUTION_MS = 10;

/** An answer every 10 ms, but for those that `outages` hold back until they end; `late` more for the kinds it names. */
export function answersAround(
  outages: readonly MadeOutage[],
  late: Partial<Record<OutageKind, number>>,
): AnsweredSample[] {
  const answers: AnsweredSample[] = [];
  for (let n = 0; n < 600; n++) {
    const due = n * RESOLUTION_MS;
    const within = outages.find(
      ({ kind, begin, end }) => due >= begin.latest && due < end.earliest + (late[kind] ?? 0),
    );
    const end = within === undefined ? due + 1 : within.end.latest + (late[within.kind] ?? 0) + 1;
    answers.push(answered('rhel01', due, end, { n }));
  }
  return answers;
}

/** Of what is frozen, a look a millisecond after each change. */
export function outage(kind: OutageKind, atMs: number, wantedMs: number): MadeOutage {
  const look = (ms: number, frozen: boolean) => ({ beforeMs: ms, afterMs: ms + 0.1, frozen });
  const endMs = atMs + wantedMs;
  return {
    kind,
    connection: 'kept',
    wantedMs,
    begin: { earliest: atMs, latest: atMs + 1 },
    end: { earliest: endMs, latest: endMs + 1 },
    freezer:
      kind === 'frozen'
        ? [look(atMs - 1, false), look(atMs + 1, true), look(endMs, true), look(endMs + 1, false)]
        : [],
  };
}

export function calibrationOf(late: Partial<Record<OutageKind, number>> = { dropped: 180 }): Calibration {
  const kept = [
    outage('stopped', 1_002, 100),
    outage('stopped', 2_003, 100),
    outage('dropped', 3_002, 100),
    outage('dropped', 4_004, 100),
    outage('frozen', 5_003, 100),
  ];
  const fresh = kept.map((one) => ({ ...one, connection: 'per-request' as const }));
  return calibration({
    outages: [...kept, ...fresh],
    samples: { kept: answersAround(kept, late), 'per-request': answersAround(fresh, {}) },
    heartbeat: {
      periodMs: 1,
      pauses: [
        { earliest: 1_002.5, latest: 1_103.9 },
        { earliest: 2_003.5, latest: 2_104.9 },
        { earliest: 5_003.5, latest: 5_103.9 },
      ],
    },
    resolutionMs: RESOLUTION_MS,
  });
}
