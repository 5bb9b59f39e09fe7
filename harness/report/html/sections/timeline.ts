/** The timeline of every request: its frame, its legend, and the data that the page's script draws. */
import type { FailureKind, Instant, MigrationResult, RunRecord } from '../../../model.ts';
import { survivorOf } from '../../migration-line.ts';
import { count, counted, isUnknown } from '../../numbers.ts';
import { safeText } from '../../text.ts';
import type { Outcome, PackedSamples } from '../columns.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { HOST_COLOURS } from './headline.ts';

/** A row of the timeline: the answers of one host, or the failures of one kind. */
export interface Lane {
  kind: 'host' | 'failure';
  label: string;
  /** Which of the colours of hosts; those of failures are all the same. */
  colour: number;
}

export interface Band {
  number: number;
  /** What it was, as one line. */
  label: string;
  failed: boolean;
  /** Instants in microseconds: all of it, its frozen window, and its downtime; null where that is unknown. */
  whole: [number, number];
  frozen: [number, number] | null;
  downtime: [number, number] | null;
}

export interface TimelineData {
  lanes: Lane[];
  /** For each outcome of the samples: its lane, and what it says. */
  outcomes: { lane: number; text: string; kind: Outcome['kind'] }[];
  bands: Band[];
}

/** In the order of their rows. */
const FAILURES: (FailureKind | 'dropped')[] = [
  'refused',
  'reset',
  'timeout',
  'unreachable',
  'garbled',
  'other',
  'dropped',
];

export function timelineSection(record: RunRecord, samples: PackedSamples, data: TimelineData): Html {
  const failed = record.probe.samples - record.probe.answered;
  const summary = `${counted(record.probe.samples, 'request')}, ${count(failed)} without an answer, ${counted(record.migrations.length, 'migration')}`;
  return html`<section aria-labelledby="timeline-title" id="timeline-section">
<h2 id="timeline-title">Timeline</h2>
<p class="note">Every request where it was due, and how long its answer took from then. Rows above: requests without an answer, by kind. Rows below: who answered. Bands: migrations; darker, the frozen window; the bar on top, the downtime.</p>
<div class="controls" role="toolbar" aria-label="Timeline" aria-controls="timeline">
<button type="button" data-do="in">zoom in</button><button type="button" data-do="out">zoom out</button><button type="button" data-do="left">←<span class="hidden"> earlier</span></button><button type="button" data-do="right">→<span class="hidden"> later</span></button><button type="button" data-do="previous">previous migration</button><button type="button" data-do="next">next migration</button><button type="button" data-do="lost">next lost request</button><button type="button" data-do="all">whole run</button>
</div>
<div class="timeline"><canvas id="timeline" tabindex="0" role="application" aria-label="Timeline: ${summary}" aria-describedby="timeline-keys" aria-roledescription="timeline">${summary}</canvas><div id="tip" hidden></div></div>
<p id="timeline-range" class="note" role="status"></p>
<p id="timeline-keys" class="note">Drag to pan, pinch to zoom. Click it, then turn the wheel to zoom; with Ctrl at any time. Keys: ← → pan, + − zoom, , . one request back or on, [ ] one migration back or on, L next lost request, Home the whole run.</p>
<div id="timeline-notes">${legend(data.lanes)}${unplaced(record, data)}${thinned(samples)}</div>
<noscript><p class="note">The timeline needs the script of this page.</p></noscript>
</section>`;
}

function legend(lanes: readonly Lane[]): Html {
  const key = (look: string, text: string) =>
    html`<li><span class="key ${look}" aria-hidden="true"></span>${text}</li>`;
  const hosts = lanes
    .filter(({ kind }) => kind === 'host')
    .map(({ label, colour }) => key(`h${colour}`, label));
  return html`<ul class="legend">${hosts}${key('lost', 'no answer')}</ul>`;
}

/** A migration that failed before its first command has no place in time. */
function unplaced({ migrations }: RunRecord, { bands }: TimelineData): Html {
  const placed = new Set(bands.map(({ number }) => number));
  const others = migrations.map(({ number }) => number).filter((number) => !placed.has(number));
  if (others.length === 0) return NOTHING;
  const [shown, left] = [others.slice(0, 20).join(', '), others.length - 20];
  return html`<p class="note">Not in the timeline, since no command of it was seen: migration ${shown}${left > 0 ? ` and ${left} more` : ''}.</p>`;
}

function thinned({ entries, requests }: PackedSamples): Html {
  if (entries === requests) return NOTHING;
  return html`<p class="note">The page carries ${count(entries)} of ${count(requests)} requests: of requests in a row with the same outcome the slowest, and how many it stands for. No kind of failure, slow answer or change of host is left out; every sample lies in the run directory.</p>`;
}

export function timelineData(record: RunRecord, samples: PackedSamples): TimelineData {
  return {
    ...lanesOf(record.head.scenario.migration.path, samples),
    bands: record.migrations.flatMap((migration) => bandOf(migration) ?? []),
  };
}

/** Its rows, and in which of them each outcome belongs. */
export function lanesOf(
  path: readonly string[],
  samples: Pick<PackedSamples, 'outcomes'>,
): Pick<TimelineData, 'lanes' | 'outcomes'> {
  const known = [...new Set(path)];
  const hosts: Lane[] = known.map((host, index) => ({
    kind: 'host',
    label: safeText(host, 24),
    colour: index % HOST_COLOURS,
  }));
  const unknown = samples.outcomes.some(
    ({ kind, text }) => kind === 'answered' && !known.includes(text ?? ''),
  );
  const others: Lane[] = unknown ? [{ kind: 'host', label: 'another name', colour: OTHER_COLOUR }] : [];
  const kinds = FAILURES.filter((kind) => samples.outcomes.some((outcome) => outcome.kind === kind));
  const failures: Lane[] = kinds.map((kind) => ({ kind: 'failure', label: kind, colour: 0 }));
  const laneOf = ({ kind, text }: Outcome): number => {
    if (kind !== 'answered') return hosts.length + others.length + kinds.indexOf(kind);
    const place = known.indexOf(text ?? '');
    return place === -1 ? hosts.length : place;
  };
  return {
    lanes: [...hosts, ...others, ...failures],
    outcomes: samples.outcomes.map((outcome) => ({
      lane: laneOf(outcome),
      kind: outcome.kind,
      text: textOf(outcome),
    })),
  };
}

/** Answers of names that the scenario does not know; see page.css. */
const OTHER_COLOUR = HOST_COLOURS;

function textOf({ kind, text }: Outcome): string {
  if (kind !== 'answered') return text === null || text === '' ? kind : `${kind}: ${safeText(text, 100)}`;
  if (text === null) return 'one of many other names';
  return text === '' ? '(empty answer)' : safeText(text, 60);
}

/** Null where nothing of the migration has a place in time. */
function bandOf(migration: MigrationResult): Band | null {
  const { spans, frozenWindow, downtime, outcome, source, destination, number, warmUp } = migration;
  const frozen: [Instant, Instant] | null = isUnknown(frozenWindow)
    ? null
    : [frozenWindow.stopped.earliest, frozenWindow.running.latest];
  const down: [Instant, Instant] | null = isUnknown(downtime)
    ? null
    : [downtime.lastAnswerMs, downtime.firstAnswerMs];
  const commands = spans.filter(({ host }) => host !== 'client');
  const instants = [
    ...commands.flatMap(({ start, end }) => [start.earliest, end.latest]),
    ...(frozen ?? []),
    ...(commands.length === 0 ? (down ?? []) : []),
  ];
  if (instants.length === 0) return null;
  const failure = outcome.state === 'failed' ? `, failed at ${outcome.phase}; ${survivorOf(outcome)}` : '';
  const hosts = `${safeText(source, 24)} → ${safeText(destination, 24)}`;
  return {
    number,
    label: `migration ${number}${warmUp ? ' (warm-up)' : ''}, ${hosts}${failure}`,
    failed: outcome.state === 'failed',
    whole: microseconds([Math.min(...instants), Math.max(...instants)]),
    frozen: frozen && microseconds(frozen),
    downtime: down && microseconds(down),
  };
}

function microseconds([from, to]: [Instant, Instant]): [number, number] {
  return [Math.round(from * 1_000), Math.round(to * 1_000)];
}
