/** CRIU's logs in the directory of a migration, read when they are asked for, compressed or not. */
import type { LogLine, OtherLogs } from '../model.ts';
import { parseLog } from '../runtime/criu/log.ts';
import { unpacked } from './pieces.ts';
import { readBeginning } from './plain.ts';

/** Of a longer log the rest is not seen. */
const LOG_AT_MOST = 1 << 28;

/** Keeps the last log of each kind, since whoever looks at one looks at it more than once. */
export function logReader(): Record<'dump' | 'restore', (path: string) => LogLine[] | null> {
  const lastOnly = (): ((path: string) => LogLine[] | null) => {
    let last: { path: string; lines: LogLine[] | null } | null = null;
    return (path) => {
      if (last?.path !== path) {
        last = { path, lines: readLog(path) };
      }
      return last.lines;
    };
  };
  return { dump: lastOnly(), restore: lastOnly() };
}

export const NO_OTHER_LOGS: OtherLogs = { preDumps: [], lazyPages: null, pageServer: null, rollBack: null };

/** `at` tells the path of each. */
export function otherLogs(at: (name: string) => string, preDumps: number): OtherLogs {
  const read = (name: string): LogLine[] | null => readLog(at(name));
  return {
    preDumps: Array.from({ length: preDumps }, (_, index) => read(`pre-${index + 1}/dump.log`)),
    lazyPages: read('lazy-pages.log'),
    pageServer: read('page-server.log'),
    rollBack: read('rollback.log'),
  };
}

function readLog(path: string): LogLine[] | null {
  const bytes = readBeginning(path, LOG_AT_MOST) ?? unpacked(path, LOG_AT_MOST);
  return bytes === null ? null : parseLog(bytes);
}
