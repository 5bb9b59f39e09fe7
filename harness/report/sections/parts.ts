/** The runs that a run goes on for, and all of them together; and how a long run went over its time. */

import { partOf } from '../../analysis/parts.ts';
import { rateOf } from '../../analysis/repro/result.ts';
import { quantile } from '../../analysis/statistics.ts';
import type { MigrationResult, OrUnknown, RunPart, RunRecord } from '../../model.ts';
import { measured } from '../measurements.ts';
import { count, isUnknown, longDuration, roughMs } from '../numbers.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { hang, safeText, table } from '../text.ts';

/** From so many migrations on, ten parts of them tell whether something changes with time. */
const LONG = 100;
const TENTHS = 10;

/** Empty for a run that was begun by itself. */
export function partsSection(record: RunRecord, style: Style): string[] {
  const parts = partRows(record);
  if (parts.length === 0) return [];
  const [head = '', ...rows] = table([PART_COLUMNS, ...parts], 'lrrrrrl', style.width);
  return [
    heading(style, 'Parts', 'each was broken off, and the next one went on for it with new hosts'),
    paintOf(style).dim(head),
    ...rows,
    ...hang('  ', togetherOf(record), style.width),
  ];
}

/** Oldest first, this run last; none where it was begun by itself. */
export function partRows(record: RunRecord): string[][] {
  return record.head.continues.length === 0 ? [] : partsOf(record).map(partRow);
}

function partsOf(record: RunRecord): RunPart[] {
  return [...record.head.continues, partOf(record)];
}

export const PART_COLUMNS = ['run', 'migrations', 'failed', 'frozen', 'downtime', 'took', ''];

function partRow({ run, outcome, migrations, failed, elapsedMs, ...medians }: RunPart): string[] {
  const ms = (value: number | null): string => (value === null ? '-' : roughMs(value));
  return [
    safeText(run, 24),
    count(migrations),
    count(failed),
    ms(medians.frozenWindowMs),
    ms(medians.downtimeMs),
    longDuration(elapsedMs),
    outcome,
  ];
}

/** With Wilson's interval: of no failure in so many, too, more can be said than none. */
export function togetherOf(record: RunRecord): string {
  const parts = partsOf(record);
  const sum = (of: (part: RunPart) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const { of, failed, share } = rateOf(
    sum(({ migrations }) => migrations),
    sum((part) => part.failed),
  );
  const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
  const interval =
    share === null
      ? ''
      : `: ${percent(failed / of)}, 95 % interval ${percent(share[0])} to ${percent(share[1])}`;
  return `together ${count(failed)} of ${count(of)} failed${interval}`;
}

/** Empty for a run that is not long. */
export function overTimeSection(record: RunRecord, style: Style): string[] {
  const rows = tenthRows(record);
  if (rows.length === 0) return [];
  const [head = '', ...lines] = table([TENTH_COLUMNS, ...rows], 'lrrrrr', style.width);
  return [heading(style, 'Over time', 'medians of tenths of the run'), paintOf(style).dim(head), ...lines];
}

export function tenthRows(record: RunRecord): string[][] {
  const all = measured(record);
  if (all.length < LONG) return [];
  return Array.from({ length: TENTHS }, (_, i) =>
    tenthRow(all.slice(Math.floor((all.length * i) / TENTHS), Math.floor((all.length * (i + 1)) / TENTHS))),
  );
}

export const TENTH_COLUMNS = ['migrations', 'frozen window', 'downtime', 'gap', 'lost', 'failed'];

function tenthRow(part: readonly MigrationResult[]): string[] {
  const of = <T>(value: (one: MigrationResult) => OrUnknown<T>, ms: (known: T) => number): string => {
    const known = part.flatMap((one) => {
      const found = value(one);
      return isUnknown(found) ? [] : ms(found);
    });
    const middle = quantile(known, 0.5);
    return middle === null ? '-' : roughMs(middle);
  };
  const lost = part.map((one) => Object.values(one.lost).reduce((sum, number) => sum + number, 0));
  return [
    `${part[0]?.number} to ${part.at(-1)?.number}`,
    of(
      ({ frozenWindow }) => frozenWindow,
      ({ window }) => window.ms,
    ),
    of(
      ({ downtime }) => downtime,
      ({ ms }) => ms,
    ),
    of(
      ({ gap }) => gap,
      ({ ms }) => ms,
    ),
    String(quantile(lost, 0.5)),
    count(part.filter(({ outcome }) => outcome.state === 'failed').length),
  ];
}
