/** One migration as a waterfall: a line for each span, under its host, with what is uncertain drawn as such. */
import type { DumpStats, Interval, MigrationResult, RestoreStats, RunRecord } from '../../../model.ts';
import { CRIU_PAGES, CRIU_TIMES, measured, medianMigration } from '../../measurements.ts';
import { survivorOf } from '../../migration-line.ts';
import {
  boundedMs,
  count,
  counted,
  downtimeMs,
  exactMs,
  isUnknown,
  mebibytes,
  roughMs,
} from '../../numbers.ts';
import { brokenText } from '../../sections/client.ts';
import { cut, safeText } from '../../text.ts';
import { type Html, html, NOTHING, raw } from '../markup.ts';
import { at, timeAxis } from '../svg.ts';

/** Waterfalls that a page carries: the median one, the failed ones, and the others in order. */
const SHOWN_AT_MOST = 400;

export function waterfallSection(record: RunRecord): Html {
  const middle = medianMigration(record) ?? measured(record)[0] ?? record.migrations[0];
  if (middle === undefined) return NOTHING;
  const chosen = choose(record.migrations, middle);
  const left = record.migrations.length - chosen.length;
  const options = chosen.map(
    (migration) =>
      html`<option value="${migration.number}"${migration === middle ? html` selected` : NOTHING}>${nameOf(migration)}${migration === middle ? ' (the median one)' : ''}</option>`,
  );
  return html`<section aria-labelledby="waterfall-title" id="waterfall">
<h2 id="waterfall-title">One migration</h2>
<div class="controls"><label>migration <select id="waterfall-choice">${options}</select></label> <button type="button" id="waterfall-zoom">show in the timeline</button></div>
<p class="note">Hatched: somewhere in there it began or ended. The band is the frozen window.${left > 0 ? ` ${counted(left, 'more migration')} without a drawing here: see record.json.` : ''}</p>
${chosen.map((migration) => figure(migration, migration === middle))}
</section>`;
}

function choose(all: readonly MigrationResult[], middle: MigrationResult): MigrationResult[] {
  const isFailed = (migration: MigrationResult) => migration.outcome.state === 'failed';
  const ranked = new Set([middle, ...all.filter(isFailed), ...all]);
  const chosen = new Set([...ranked].slice(0, SHOWN_AT_MOST));
  return all.filter((migration) => chosen.has(migration));
}

function nameOf({ number, warmUp, source, destination, outcome }: MigrationResult): string {
  const how = outcome.state === 'failed' ? `, failed at ${outcome.phase}` : '';
  return `${number}${warmUp ? ' (warm-up)' : ''}: ${safeText(source, 24)} → ${safeText(destination, 24)}${how}`;
}

interface Line {
  label: string;
  /** Of the bar; see page.css. */
  look: string;
  start: Interval;
  end: Interval;
  /** How long it took, as text. */
  told: string;
}

interface Group {
  title: string;
  lines: Line[];
}

const SPAN_LABELS: Record<string, string> = {
  dump: 'checkpoint command',
  restore: 'restore command',
  'first-response': 'until the first answer',
};

function groupsOf(migration: MigrationResult): Group[] {
  const { source, destination, frozenWindow, downtime } = migration;
  const spans = (host: string): Line[] =>
    migration.spans
      .filter((span) => span.host === host)
      .map(({ name, start, end }) => ({
        label: SPAN_LABELS[name] ?? name,
        look: name,
        start,
        end,
        told: roughMs(middle(end) - middle(start)),
      }));
  const frozen = isUnknown(frozenWindow) ? null : frozenWindow;
  const dump = frozen && shifted('CRIU dump', 'part-dump', frozen.stopped, frozen.criuDumpMs);
  const restore = frozen && shifted('CRIU restore', 'part-restore', frozen.running, -frozen.criuRestoreMs);
  const down: Line[] = isUnknown(downtime)
    ? []
    : [
        {
          label: 'downtime',
          look: 'downtime',
          start: exactly(downtime.lastAnswerMs),
          end: exactly(downtime.firstAnswerMs),
          told: downtimeMs(downtime),
        },
      ];
  return [
    { title: `${safeText(source, 24)}, the source`, lines: [...spans(source), ...(dump ? [dump] : [])] },
    {
      title: `${safeText(destination, 24)}, the destination`,
      lines: [...spans(destination), ...(restore ? [restore] : [])],
    },
    { title: 'client', lines: [...down, ...spans('client')] },
  ];
}

/** CRIU's share, counted from an end of the frozen window: the other end is as uncertain as that one. */
function shifted(label: string, look: string, { earliest, latest }: Interval, ms: number): Line {
  const other = { earliest: earliest + ms, latest: latest + ms };
  const [start, end] = ms < 0 ? [other, { earliest, latest }] : [{ earliest, latest }, other];
  return { label, look, start, end, told: roughMs(Math.abs(ms)) };
}

function exactly(instant: number): Interval {
  return { earliest: instant, latest: instant };
}

function middle({ earliest, latest }: Interval): number {
  return (earliest + latest) / 2;
}

function figure(migration: MigrationResult, shown: boolean): Html {
  const { number, outcome, frozenWindow } = migration;
  const groups = groupsOf(migration);
  const lines = groups.flatMap((group) => group.lines);
  const failure =
    outcome.state === 'failed'
      ? html`<p class="failed">Failed at ${outcome.phase}; ${survivorOf(outcome)}.</p>`
      : NOTHING;
  const missing = isUnknown(frozenWindow)
    ? html`<p class="note">Frozen window unknown: ${frozenWindow.unknown}.</p>`
    : NOTHING;
  return html`<figure class="waterfall" id="waterfall-${number}"${shown ? NOTHING : html` hidden`}>
<figcaption>Migration ${nameOf(migration)}</figcaption>${failure}${missing}
${lines.length === 0 ? html`<p>unknown (no command of it was seen)</p>` : drawing(migration, groups)}
${figures(migration)}</figure>`;
}

const WIDTH = 960;
const LEFT = 170;
const RIGHT = 130;
const TITLE = 24;
const LINE = 20;
/** A recovery takes at most this share of the drawing; a longer one is cut and marked. */
const RECOVERY_SHARE = 0.25;

function drawing(migration: MigrationResult, groups: Group[]): Html {
  const lines = groups.flatMap((group) => group.lines);
  const others = lines.filter(({ look }) => look !== 'recovery');
  const origin = Math.min(...others.map(({ start }) => start.earliest));
  const end = Math.max(...others.map(({ end }) => end.latest));
  const last = Math.max(...lines.map(({ end }) => end.latest));
  const toMs = Math.max(Math.min(last - origin, (end - origin) * (1 + RECOVERY_SHARE)), 0.001);
  const x = (ms: number): number => LEFT + (Math.min(ms, toMs) / toMs) * (WIDTH - LEFT - RIGHT);
  const top = 20;
  let y = top;
  const rows = groups.map((group) => {
    const title = html`<text class="group" x="0" y="${y + 16}">${group.title}</text>`;
    y += TITLE;
    const drawn = group.lines.map((line) => {
      const row = bar(line, y, (instant) => x(instant - origin), origin + toMs);
      y += LINE;
      return row;
    });
    return html`${title}${drawn}`;
  });
  const height = y + 24;
  const says = lines.map(({ label, told }) => `${label} ${told}`).join(', ');
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Drawing of migration ${migration.number}"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${says}">
${frozenBand(migration, (instant) => x(instant - origin), top, y)}${timeAxis({ fromMs: 0, toMs, x, top, bottom: y + 4 })}${rows}</svg></div>`;
}

function bar(
  { label, look, start, end, told }: Line,
  y: number,
  x: (instant: number) => number,
  last: number,
): Html {
  const [a, b, c, d] = [x(start.earliest), x(start.latest), x(end.earliest), x(end.latest)];
  const sure = c > b ? html`<rect x="${at(b)}" y="${y}" width="${at(c - b)}" height="14"/>` : NOTHING;
  const unsure = [
    [a, Math.min(b, d)],
    [Math.max(b, c), d],
  ].flatMap(([from = 0, to = 0]) =>
    to - from < 0.3
      ? []
      : html`<path class="unsure" d="M${at(from)} ${y}H${at(to)}V${y + 14}H${at(from)}z${raw(hatching(from, to, y))}"/>`,
  );
  // What is shorter than a line is seen as a line.
  const mark = d - a < 1 ? html`<rect x="${at(a - 0.5)}" y="${y}" width="1" height="14"/>` : NOTHING;
  const more = end.latest > last ? html`<text x="${at(d + 2)}" y="${y + 11}">→</text>` : NOTHING;
  return html`<g class="${look}"><text class="name" x="${LEFT - 8}" y="${y + 11}">${cut(label, 24)}</text>${sure}${unsure}${mark}${more}<text class="value" x="${WIDTH}" y="${y + 11}">${told}</text></g>`;
}

/** Strokes across the box, 4 apart: seen in print and without colours. */
function hatching(from: number, to: number, y: number): string {
  const strokes = Math.min(60, Math.floor((to - from) / 4));
  return Array.from({ length: strokes }, (_, i) => `M${at(from + 4 * i)} ${y + 14}l4 -14`).join('');
}

function frozenBand(
  { frozenWindow }: MigrationResult,
  x: (instant: number) => number,
  top: number,
  bottom: number,
): Html {
  if (isUnknown(frozenWindow)) return NOTHING;
  const { stopped, running, window } = frozenWindow;
  const box = (from: number, to: number, look: string) =>
    html`<rect class="${look}" x="${at(x(from))}" y="${top}" width="${at(Math.max(0, x(to) - x(from)))}" height="${at(bottom - top)}"/>`;
  const text = html`<text class="tick" x="${at((x(stopped.earliest) + x(running.latest)) / 2)}" y="12">frozen window ${boundedMs(window)}</text>`;
  return html`${box(stopped.earliest, running.latest, 'frozen')}${box(stopped.latest, running.earliest, 'frozen')}${text}`;
}

/** CRIU's statistics have durations, but no place in time; so they stand as figures. */
function figures(migration: MigrationResult): Html {
  const { dumpStats, restoreStats, imageBytes, gap, recoveryMs, longestLatencyMs, connections } = migration;
  const { preDumps, lazyPages, clocks } = migration;
  const stats: Partial<DumpStats & RestoreStats> = {
    ...(isUnknown(dumpStats) ? {} : dumpStats),
    ...(isUnknown(restoreStats) ? {} : restoreStats),
  };
  const known = <T>(
    name: string,
    value: T | { unknown: string },
    text: (value: T) => string,
  ): [string, string][] => (isUnknown(value) ? [] : [[name, text(value as T)]]);
  const facts: [string, string][] = [
    ...known('gap', gap, boundedMs),
    ...known('recovery', recoveryMs, exactMs),
    ...known('longest latency', longestLatencyMs, exactMs),
    ...known('connections', connections, (one) => `${count(one.survived)} survived, ${brokenText(one)}`),
    ...CRIU_TIMES.flatMap((field): [string, string][] => {
      const us = stats[field];
      return us === undefined ? [] : [[field, exactMs(us / 1_000)]];
    }),
    ...CRIU_PAGES.flatMap((field): [string, string][] => {
      const pages = stats[field];
      return pages === undefined || pages === 0 ? [] : [[field, count(pages)]];
    }),
    ...preDumps.map(({ duration, pageImageBytes }, index): [string, string] => [
      `pre-dump ${index + 1}`,
      `${boundedMs(duration)}${pageImageBytes === null ? '' : `, ${mebibytes(pageImageBytes)}`}`,
    ]),
    ...known(
      'pages that followed',
      lazyPages ?? { unknown: '' },
      ({ transferred, total }) => `${count(transferred)} of ${count(total)}`,
    ),
    ...clocks.map(({ host, uncertaintyMs, wallStepMs }): [string, string] => [
      `clock of ${safeText(host, 24)}`,
      `±${exactMs(uncertaintyMs)}${wallStep(wallStepMs)}`,
    ]),
    ...(imageBytes === null ? [] : ([['images', mebibytes(imageBytes)]] as [string, string][])),
  ];
  return html`<dl class="facts">${facts.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}

/** CRIU's times are differences of the wall clock. */
function wallStep(ms: number | null): string {
  if (ms === null) return ', whether its wall clock was set is unknown';
  return ms === 0 ? '' : `, wall clock set by ${exactMs(ms)}: CRIU’s times here say nothing`;
}
