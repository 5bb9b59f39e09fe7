/** CRIU's own figures under CRIU's own names, never mixed with ours. */
import { max, median, min, sum } from 'simple-statistics';
import type { RunRecord } from '../../model.ts';
import {
  CRIU_PAGES,
  CRIU_TIMES,
  type CriuField,
  criuValues,
  measured,
  reasonsOf,
  stepped,
} from '../measurements.ts';
import { count, counted, decimalsOfExact, fixed, isUnknown, mebibytes, roughMs } from '../numbers.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { hang, safeText, table } from '../text.ts';

/** The freezer is polled every 100 ms (CRIU: criu/seize.c), so totals lie in two heaps that far apart. */
const FREEZER_POLL_US = 90_000;

export function criuSection(record: RunRecord, style: Style): string[] {
  const paint = paintOf(style);
  const title = heading(style, "CRIU's own figures", 'from stats-dump and stats-restore, warm-up left out');
  const known = criuRows(record);
  if (known.length === 0) return [title, `  ${NO_STATS}`];
  const [head = '', ...lines] = table([CRIU_COLUMNS, ...known, ...imageRow(record)], 'lrrrlr', style.width);
  const notes = criuNotes(record).flatMap((note) => hang('  ', note, style.width));
  return [title, paint.dim(head), ...lines, ...notes];
}

export const NO_STATS = 'unknown (no migration left a readable stats file)';
export const CRIU_COLUMNS = ['', 'min', 'median', 'max', '', 'n'];

/** CRIU's figures over the measured migrations, a row each, under `CRIU_COLUMNS`; those that nothing tells are left out. */
export function criuRows(record: RunRecord): string[][] {
  const rows = [
    ...CRIU_TIMES.map((field) => timeRow(record, field)),
    ...CRIU_PAGES.map((field) => pageRow(record, field)),
  ];
  return rows.filter((row) => row !== null);
}

function timeRow(record: RunRecord, field: CriuField): string[] | null {
  const values = criuValues(record, field).map((us) => us / 1000);
  return row(field, values, 'ms', (ms) => fixed(ms, decimalsOfExact(max(values))));
}

function pageRow(record: RunRecord, field: CriuField): string[] | null {
  const values = criuValues(record, field);
  return field.startsWith('shpages') && values.every((value) => value === 0)
    ? null
    : row(field, values, 'pages', count);
}

function row(
  label: string,
  values: number[],
  unit: string,
  text: (value: number) => string,
): string[] | null {
  if (values.length === 0) return null;
  return [label, text(min(values)), text(median(values)), text(max(values)), unit, String(values.length)];
}

function imageRow(record: RunRecord): string[][] {
  const bytes = measured(record).flatMap((migration) => migration.imageBytes ?? []);
  const images = row('images on the share', bytes, 'MiB', (value) => mebibytes(value).replace(' MiB', ''));
  return images === null ? [] : [images];
}

/** What must be known to read the figures. */
export function criuNotes(record: RunRecord): string[] {
  const freezing = criuValues(record, 'freezing_time');
  const bimodal = freezing.length > 1 && max(freezing) - min(freezing) > FREEZER_POLL_US;
  const sentence =
    'freezing_time is about 1 or about 101 ms, as it falls: CRIU looks at the freezer every 100 ms. Compare runs with it taken out.';
  return [
    ...pagesNote(record),
    ...retriesNote(record),
    ...clockNote(record),
    ...lazyNote(record),
    ...unknownNote(record),
    ...(bimodal ? [sentence] : []),
  ];
}

/** pages_written + shpages_written against the bytes of the page images: stats and images are of one dump. */
function pagesNote(record: RunRecord): string[] {
  const known = measured(record).filter((migration) => !isUnknown(migration.pagesAgree));
  const agreeing = known.filter((migration) => migration.pagesAgree === true).length;
  if (known.length === 0) return [];
  const verdict = agreeing === known.length ? 'agree' : 'DISAGREE';
  return [
    `pages written and bytes of the page images ${verdict} (${agreeing} of ${counted(known.length, 'migration')}).`,
  ];
}

function clockNote(record: RunRecord): string[] {
  const reset = measured(record).flatMap(({ number, clocks }) =>
    clocks
      .filter(stepped)
      .map(
        ({ host, wallStepMs }) =>
          `${safeText(host, 20)} by ${fixed((wallStepMs ?? 0) / 1_000, 1)} s in migration ${number}`,
      ),
  );
  if (reset.length === 0) return [];
  return [
    `a host's wall clock, by which CRIU counts, was set: ${reset.join('; ')}. Its times there are left out.`,
  ];
}

/** Stats that are not there, or that cannot be true; those of failed migrations are told with the failure. */
function unknownNote(record: RunRecord): string[] {
  const completed = measured(record).filter(({ outcome }) => outcome.state === 'completed');
  const missing = completed.flatMap(({ number, dumpStats, restoreStats }) =>
    [dumpStats, restoreStats].flatMap((stats) => (isUnknown(stats) ? { number, why: stats.unknown } : [])),
  );
  return reasonsOf(missing).map((reason) => `left out: ${reason}`);
}

/** Post-copy: what followed the container, and that frozen_time holds the time for it. */
function lazyNote(record: RunRecord): string[] {
  const all = measured(record).filter(({ lazyPages }) => lazyPages !== null);
  if (all.length === 0) return [];
  const known = all.flatMap(({ lazyPages }) => (lazyPages === null || isUnknown(lazyPages) ? [] : lazyPages));
  const spans = all.flatMap(({ spans }) => spans.filter(({ name }) => name === 'lazy-pages'));
  const ms = spans.map(({ start, end }) => (end.earliest + end.latest - start.earliest - start.latest) / 2);
  const pages = (of: (one: { transferred: number; total: number }) => number): string =>
    known.length === 0 ? '?' : count(median(known.map(of)));
  const took = ms.length === 0 ? 'unknown' : roughMs(median(ms));
  return [
    `${pages((one) => one.transferred)} of ${pages((one) => one.total)} pages followed the container (medians); after the restore that took ${took}. frozen_time holds the time in which they were served.`,
  ];
}

function retriesNote(record: RunRecord): string[] {
  const retries = sum(record.migrations.map((migration) => migration.retries));
  const text = `${count(retries)} ${retries === 1 ? 'dump' : 'dumps'} had to be tried again, warm-up included.`;
  return retries === 0 ? [] : [text];
}
