/** In which order the cells of a sweep are run: so that a drift of the machine does not look like an effect. */
import { mulberry32 } from '../statistics.ts';

export interface Turn {
  /** Index of the cell. */
  cell: number;
  /** From 1. */
  round: number;
}

/** Each cell once a round, each round in an order of its own; the same seed gives the same order. */
export function orderOf(cells: number, rounds: number, seed: number): Turn[] {
  const random = mulberry32(seed);
  return Array.from({ length: rounds }, (_, i) =>
    shuffled(cells, random).map((cell) => ({ cell, round: i + 1 })),
  ).flat();
}

/** Fisher and Yates. */
function shuffled(count: number, random: () => number): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j] as number, all[i] as number];
  }
  return all;
}
