/** Where the time of the median migration went: parts that add up to its frozen window. */
import { halfWidth } from '../../analysis/intervals.ts';
import type { FrozenWindow, RunRecord } from '../../model.ts';
import { medianMigration } from '../measurements.ts';
import { boundedMs, decimalsFor, decimalsOfExact, fixed, isUnknown } from '../numbers.ts';
import { heading, type Paint, paintOf, type Style } from '../style.ts';
import { safeText, table } from '../text.ts';

/** A part of a frozen window. */
export interface Part {
  key: 'dump' | 'transfer' | 'gap' | 'runtime' | 'restore' | 'rest';
  label: string;
  ms: number;
  what: string;
}

const LOOKS: Record<Part['key'], { symbol: string; colour: 'blue' | 'red' | 'yellow' | 'green' | 'dim' }> = {
  dump: { symbol: '█', colour: 'blue' },
  transfer: { symbol: '≈', colour: 'yellow' },
  gap: { symbol: '|', colour: 'red' },
  runtime: { symbol: '░', colour: 'yellow' },
  restore: { symbol: '▒', colour: 'green' },
  rest: { symbol: ' ', colour: 'dim' },
};

export function timeSection(record: RunRecord, style: Style): string[] {
  const paint = paintOf(style);
  const migration = medianMigration(record);
  if (migration === null || isUnknown(migration.frozenWindow)) {
    return [heading(style, 'Where the time went'), '  unknown (no measured migration has a frozen window)'];
  }
  const frozen = migration.frozenWindow;
  const hosts = `${safeText(migration.source, 20)} → ${safeText(migration.destination, 20)}`;
  const parts = partsOf(frozen);
  return [
    heading(style, 'Where the time went', `the median one, migration ${migration.number}, ${hosts}`),
    `  ${bar(parts, Math.min(76, style.width - 4), paint)}`,
    ...rows(parts, frozen, style),
  ];
}

/** In the order in which they happen, but for the runtime's share, which lies on both ends. */
export function partsOf(frozen: FrozenWindow): Part[] {
  const copied: Part = {
    key: 'transfer',
    label: 'transfer',
    ms: frozen.transferMs,
    what: 'images to the destination',
  };
  return [
    { key: 'dump', label: 'CRIU dump', ms: frozen.criuDumpMs, what: 'tasks stopped … its log ends' },
    ...(copied.ms > 0 ? [copied] : []),
    { key: 'gap', label: 'gap', ms: frozen.gap.ms, what: "Thaw's own, handover included" },
    { key: 'runtime', label: 'runtime', ms: frozen.runtimeMs, what: 'around CRIU, both ends' },
    { key: 'restore', label: 'CRIU restore', ms: frozen.criuRestoreMs, what: 'its log begins … tasks run' },
  ];
}

function rows(parts: readonly Part[], frozen: FrozenWindow, style: Style): string[] {
  const lines = sharesOf(parts, frozen).map(({ part, ms, percent }) => [
    `${LOOKS[part.key].symbol} ${part.label}`,
    ms,
    percent,
    part.what,
  ]);
  const sum = ['= frozen window', totalOf(frozen), '100 %', boundedMs(frozen.window)];
  return table([...lines, sum], 'lrrl', style.width);
}

/** The parts as text that adds up to the window as `totalOf` writes it; what is not attributed is a part of its own. */
export function sharesOf(
  parts: readonly Part[],
  frozen: FrozenWindow,
): { part: Part; ms: string; percent: string }[] {
  const total = frozen.window.ms;
  const decimals = decimalsOf(frozen);
  const rest = total - parts.reduce((sum, part) => sum + part.ms, 0);
  const missing = Math.abs(rest) >= 0.5 * 10 ** -decimals;
  const unattributed: Part = { key: 'rest', label: 'not attributed', ms: rest, what: '' };
  const shown = missing ? [...parts, unattributed] : parts;
  const rounded = roundToSum(
    shown.map((part) => part.ms),
    total,
    decimals,
  );
  return shown.map((part, index) => ({
    part,
    ms: `${rounded[index]} ms`,
    percent: `${total > 0 ? ((100 * part.ms) / total).toFixed(0) : '-'} %`,
  }));
}

export function totalOf(frozen: FrozenWindow): string {
  return `${fixed(frozen.window.ms, decimalsOf(frozen))} ms`;
}

function decimalsOf({ window }: FrozenWindow): number {
  const uncertainty = halfWidth(window);
  return Math.max(0, uncertainty > 0 ? decimalsFor(uncertainty) : decimalsOfExact(window.ms));
}

/** Rounds so that what is shown adds up to the rounded total: the largest remainders are rounded up. */
export function roundToSum(values: readonly number[], total: number, decimals: number): string[] {
  const step = 10 ** -decimals;
  const exact = values.map((value) => value / step);
  const floors = exact.map(Math.floor);
  const missing = Math.round(total / step) - floors.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const raised = new Set(byRemainder.slice(0, missing).map((one) => one.index));
  return floors.map((floor, index) => fixed((floor + (raised.has(index) ? 1 : 0)) * step, decimals));
}

/** A part that is there takes at least one column, so that a short gap is seen. */
function bar(parts: readonly Part[], width: number, paint: Paint): string {
  const positive = parts.map((part) => Math.max(0, part.ms));
  const total = positive.reduce((sum, ms) => sum + ms, 0);
  if (total === 0) return '';
  const columns = positive.map((ms) => (ms > 0 ? Math.max(1, Math.round((ms / total) * width)) : 0));
  const longest = columns.indexOf(Math.max(...columns));
  const over = columns.reduce((sum, one) => sum + one, 0) - width;
  return parts
    .map((part, index) => {
      const { symbol, colour } = LOOKS[part.key];
      return paint[colour](symbol.repeat((columns[index] ?? 0) - (index === longest ? over : 0)));
    })
    .join('');
}
