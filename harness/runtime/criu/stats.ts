/** `stats-dump` and `stats-restore`: CRIU's own times (µs) and page counts. Source: images/stats.proto. */
import type { DumpStats, RestoreStats } from '../../model.ts';
import { damaged, entryOf, type Field, fieldsOf, type Piece } from './image.ts';

/**
 * What CRIU tells of a dump. Times in µs of the wall clock, u32. Fields that are optional in CRIU's definition
 * and not there are 0: CRIU that does not write them did not do what they count.
 */
export function decodeDumpStats(bytes: Uint8Array, file: string): DumpStats {
  return numbers(message(bytes, file, 'dump'), DUMP);
}

/** What CRIU tells of a restore. Times in µs. */
export function decodeRestoreStats(bytes: Uint8Array, file: string): RestoreStats {
  return numbers(message(bytes, file, 'restore'), RESTORE);
}

const SERVICE_MAGIC = 0x55105940;
const STATS_MAGIC = 0x57093306;

const DUMP: Record<keyof DumpStats, Field> = {
  freezing_time: required(1),
  frozen_time: required(2),
  memdump_time: required(3),
  memwrite_time: required(4),
  pages_scanned: required(5),
  pages_skipped_parent: required(6),
  pages_written: required(7),
  irmap_resolve: optional(8),
  pages_lazy: required(9),
  page_pipes: optional(10),
  page_pipe_bufs: optional(11),
  shpages_scanned: optional(12),
  shpages_skipped_parent: optional(13),
  shpages_written: optional(14),
};

const RESTORE: Record<keyof RestoreStats, Field> = {
  pages_compared: required(1),
  pages_skipped_cow: required(2),
  forking_time: required(3),
  restore_time: required(4),
  pages_restored: optional(5),
};

const ENTRY: Record<'dump' | 'restore', Field> = {
  dump: { number: 1, type: 'message', required: false },
  restore: { number: 2, type: 'message', required: false },
};

function message(bytes: Uint8Array, file: string, kind: 'dump' | 'restore'): Piece {
  const entry = entryOf(file, bytes, [SERVICE_MAGIC, STATS_MAGIC]);
  const found = fieldsOf(entry, ENTRY).get(kind);
  if (found === undefined) throw damaged(file, entry.offset, `it holds no statistics of a ${kind}`);
  return found as Piece;
}

function numbers<N extends string>(piece: Piece, fields: Record<N, Field>): Record<N, number> {
  const values = fieldsOf(piece, fields);
  const names = Object.keys(fields) as N[];
  return Object.fromEntries(names.map((name) => [name, values.get(name) ?? 0])) as Record<N, number>;
}

function required(number: number): Field {
  return { number, type: 'uint', required: true };
}

function optional(number: number): Field {
  return { number, type: 'uint', required: false };
}
