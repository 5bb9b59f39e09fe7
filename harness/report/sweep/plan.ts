/** The plan of a sweep for a terminal: its cells, in the order in which they stand. */
import { counted } from '../numbers.ts';
import { paintOf, type Style } from '../style.ts';
import { hang, safeText, table } from '../text.ts';
import { shortKey } from './names.ts';

export interface ToldSweep {
  axes: readonly { key: string }[];
  rounds: number;
  migrations: number;
  cells: readonly Record<string, string>[];
}

export function renderSweepPlan(plan: ToldSweep, style: Style): string {
  const keys = plan.axes.map(({ key }) => key);
  const header = ['', ...keys.map((key) => safeText(shortKey(key, keys), 30))];
  const rows = plan.cells.map((cell, i) => [
    String(i + 1),
    ...keys.map((key) => safeText(cell[key] ?? '', 40)),
  ]);
  const [head = '', ...lines] = table([header, ...rows], `r${'l'.repeat(keys.length)}`, style.width);
  return `${[...hang('', sizeOf(plan), style.width), '', paintOf(style).dim(head), ...lines].join('\n')}\n`;
}

/** `8 cells × 2 rounds = 16 runs, 96 migrations`. */
export function sizeOf({ cells, rounds, migrations }: ToldSweep): string {
  const size = `${counted(cells.length, 'cell')} × ${counted(rounds, 'round')}`;
  return `${size} = ${counted(cells.length * rounds, 'run')}, ${counted(migrations, 'migration')}`;
}
