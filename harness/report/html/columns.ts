/** The samples as the page carries them: in the order in which they were due, column by column, packed. */
import type { FailureKind, Sample } from '../../model.ts';
import { type Columns, emptyColumns, inOrder, push, thinTo } from './thin.ts';
import { packNumbers, zigzag } from './varint.ts';

/** What came of a request: who answered, or how it failed. */
export interface Outcome {
  kind: 'answered' | FailureKind | 'dropped';
  /** The host as it called itself, or what the failure said; null where nothing was said. */
  text: string | null;
}

export interface PackedSamples {
  /** Entries that are carried, and requests that they stand for: more, only where a long run was thinned. */
  entries: number;
  requests: number;
  outcomes: Outcome[];
  /**
   * Base64 of LEB128. In microseconds: `due` (zigzag, from the entry before), `latency` (from due to end), `late`
   * (zigzag, from due to sent). `outcome` counts into `outcomes`. `weight`: requests that the entry stands for;
   * empty where each stands for itself.
   */
  columns: Record<'due' | 'latency' | 'late' | 'outcome' | 'weight', string>;
}

/** What a page carries at most: entries, and characters of all columns. */
export interface Limits {
  entries: number;
  characters: number;
}

const LIMITS: Limits = { entries: 1_000_000, characters: 11_500_000 };

/** Different answers and failures that are told apart; a server may answer each request differently. */
const OUTCOMES_AT_MOST = 1_000;

export interface Collected {
  add(sample: Sample): void;
  pack(): PackedSamples;
}

/**
 * Collects samples in any order, in memory that does not grow with the run. Beyond the limits, requests in a row with
 * the same outcome become one: the slowest, with the number of those that it stands for. What shares its outcomes with
 * others has the same codes as they.
 */
export function collectSamples(limits: Limits = LIMITS, outcomes: OutcomeTable = outcomeTable()): Collected {
  let columns = emptyColumns();
  return {
    add(sample) {
      push(columns, sample, outcomes.codeOf(sample));
      if (columns.length >= 2 * limits.entries) columns = thinTo(inOrder(columns), limits.entries);
    },
    pack() {
      columns = thinTo(inOrder(columns), limits.entries);
      let packed = packedColumns(columns);
      while (charactersOf(packed) > limits.characters && columns.length > 1) {
        columns = thinTo(columns, Math.floor(columns.length / 2));
        packed = packedColumns(columns);
      }
      let requests = 0;
      for (let index = 0; index < columns.length; index++) requests += columns.weight[index] as number;
      return { entries: columns.length, requests, outcomes: outcomes.all, columns: packed };
    },
  };
}

function packedColumns(columns: Columns): PackedSamples['columns'] {
  const { length, due, latency, late, outcome, weight } = columns;
  const at = (column: Float64Array | Uint16Array, index: number): number => column[index] as number;
  const thinned = weight.subarray(0, length).some((requests) => requests !== 1);
  return {
    due: packNumbers(length, (i) => zigzag(at(due, i) - (i === 0 ? 0 : at(due, i - 1)))),
    latency: packNumbers(length, (i) => at(latency, i)),
    late: packNumbers(length, (i) => zigzag(at(late, i))),
    outcome: packNumbers(length, (i) => at(outcome, i)),
    weight: thinned ? packNumbers(length, (i) => at(weight, i)) : '',
  };
}

function charactersOf(packed: PackedSamples['columns']): number {
  return Object.values(packed).reduce((sum, column) => sum + column.length, 0);
}

export interface OutcomeTable {
  all: Outcome[];
  codeOf(sample: Sample): number;
}

/** Codes in the order of first appearance; beyond the limit, those of a kind share the code with no text. */
export function outcomeTable(): OutcomeTable {
  const all: Outcome[] = [];
  const codes = new Map<string, number>();
  const codeFor = (kind: Outcome['kind'], text: string | null): number => {
    const key = text === null ? kind : `${kind} ${text}`;
    const known = codes.get(key);
    if (known !== undefined) return known;
    if (text !== null && all.length >= OUTCOMES_AT_MOST) return codeFor(kind, null);
    codes.set(key, all.length);
    return all.push({ kind, text }) - 1;
  };
  return {
    all,
    codeOf(sample) {
      switch (sample.state) {
        case 'answered':
          return codeFor('answered', sample.host);
        case 'failed':
          return codeFor(sample.kind, sample.detail);
        case 'dropped':
          return codeFor('dropped', null);
      }
    },
  };
}
