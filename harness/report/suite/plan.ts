/** The plan of a suite for a terminal: its cells in order, and how long it may take. */
import { type Estimated, type Shard, type SuitePlan, shardOf } from '../../analysis/suite/plan.ts';
import { counted } from '../numbers.ts';
import { heading, type Style } from '../style.ts';
import { hang, safeText, table } from '../text.ts';

/** What `thaw plan` tells; as JSON a matrix for a CI engine is made of it. */
export interface ToldPlan {
  suite: string;
  digest: string;
  cells: Estimated[];
  seconds: number;
  /** How many of the cells were measured earlier; the rest is assumed. */
  measured: number;
  shards: { shard: string; cells: string[]; seconds: number }[];
}

export function toldPlan(plan: SuitePlan, cells: Estimated[], shards: number): ToldPlan {
  return {
    suite: plan.name,
    digest: plan.digest,
    cells,
    seconds: sum(cells),
    measured: cells.filter(({ basis }) => basis === 'measured').length,
    shards: Array.from({ length: shards }, (_, i) => shardTold(cells, { index: i + 1, of: shards })),
  };
}

function shardTold(cells: readonly Estimated[], shard: Shard): ToldPlan['shards'][number] {
  const own = shardOf(cells, shard);
  return { shard: `${shard.index}/${shard.of}`, cells: own.map(({ id }) => id), seconds: sum(own) };
}

function sum(cells: readonly Estimated[]): number {
  return cells.reduce((total, { seconds }) => total + seconds, 0);
}

export function renderPlan({ suite, cells, seconds, measured, shards }: ToldPlan, style: Style): string {
  const rows = cells.map(({ wanted, seconds: own, basis, expect }, i) => [
    String(i + 1),
    counted(wanted, 'migration'),
    `${about(own)}${basis === 'assumed' ? ' (assumed)' : ''}`,
    expect === null ? '' : `expected to ${expect.kind}`,
  ]);
  const lines = table(rows, 'rrll', style.width).flatMap((line, i) => [
    ...hang('  ', safeText(cells[i]?.id ?? '', 300), style.width),
    `  ${line}`,
  ]);
  const basis =
    measured === cells.length
      ? 'by earlier runs'
      : `${measured} of ${counted(cells.length, 'cell')} by earlier runs, the rest assumed`;
  const parts = shards.map(
    ({ shard, cells: own, seconds: time }) => `  ${shard}: ${counted(own.length, 'cell')}, ${about(time)}`,
  );
  return `${[
    ...hang(
      '',
      `${safeText(suite, 60)}: ${counted(cells.length, 'cell')}, ${about(seconds)} (${basis})`,
      style.width,
    ),
    '',
    heading(style, 'Cells'),
    ...lines,
    ...(parts.length === 0 ? [] : ['', heading(style, 'Shards'), ...parts]),
  ].join('\n')}\n`;
}

function about(seconds: number): string {
  return seconds < 90 ? `about ${Math.ceil(seconds)} s` : `about ${Math.ceil(seconds / 60)} min`;
}
