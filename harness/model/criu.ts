/** CRIU's figures, in CRIU's names and units, and the lines of its logs. */

export interface DumpStats {
  freezing_time: number;
  frozen_time: number;
  memdump_time: number;
  memwrite_time: number;
  pages_scanned: number;
  pages_skipped_parent: number;
  pages_written: number;
  irmap_resolve: number;
  pages_lazy: number;
  page_pipes: number;
  page_pipe_bufs: number;
  shpages_scanned: number;
  shpages_skipped_parent: number;
  shpages_written: number;
}

export interface RestoreStats {
  pages_compared: number;
  pages_skipped_cow: number;
  forking_time: number;
  restore_time: number;
  pages_restored: number;
}

export interface Inventory {
  img_version: number;
  dump_uptime: number | null;
  network_lock_method: number | null;
  dump_criu_run_id: string | null;
}

/** A log line with CRIU's own offset since the start of that log. */
export interface LogLine {
  /** Milliseconds since CRIU opened the log. */
  offsetMs: number;
  /** Byte position at which the line ends, its newline included. */
  endByte: number;
  text: string;
}

/** What one log tells of errors: all that a diagnosis needs of it, and bounded whatever the size of the log. */
export interface LogEvidence {
  /** Path relative to the directory of the logs, such as `dump.log`; `output` is what a command said. */
  name: string;
  /** What it is the log of; null where neither its name nor its content tells. */
  kind: 'dump' | 'restore' | 'lazy-pages' | 'runtime' | null;
  /** What the file holds: nothing at all, bytes, a log of CRIU or of a runtime, or text that is neither. */
  content: 'nothing' | 'binary' | 'log' | 'text';
  /** As the log itself tells; null where it does not. */
  criu: string | null;
  kernel: string | null;
  /** It says that all went well: what it calls errors did no harm. */
  succeeded: boolean;
  /** The first few of each place in the source, and of all places so many. */
  errors: ErrorLine[];
}

export interface ErrorLine {
  /** Place in its log, from 1. */
  number: number;
  text: string;
  /** The lines before it. */
  before: string[];
}
