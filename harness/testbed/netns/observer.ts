/** Looks at a namespace host through /proc and this machine's cgroup mounts: no process is started. */
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { collector } from '../readings.ts';
import type { Observer } from '../testbed.ts';

const INTERVAL_MS = 1;

export function namespaceObserver(initPid: number, clock: Clock): Observer {
  const seenFromHere = (path: string): string => `/proc/${initPid}/root${path}`;
  return {
    async watch(targets) {
      const log = lazily(seenFromHere(targets.log));
      const freezer = targets.freezer === null ? null : freezerAt(seenFromHere(targets.freezer));
      const seen = collector();
      const look = (): void => {
        lookAtFreezer();
        lookAtLog();
        timer = setTimeout(look, INTERVAL_MS);
      };
      const lookAtLog = (): void => {
        const beforeMs = clock.now();
        const fd = log.open();
        if (fd === null) return;
        const bytes = fstatSync(fd).size;
        seen.size({ beforeMs, afterMs: clock.now(), bytes });
      };
      const lookAtFreezer = (): void => {
        const beforeMs = clock.now();
        const frozen = freezer?.look() ?? null;
        if (frozen !== null) seen.freezer({ beforeMs, afterMs: clock.now(), frozen });
      };
      let timer = setTimeout(look, 0);
      return {
        async stop() {
          clearTimeout(timer);
          lookAtLog();
          log.close();
          freezer?.close();
          return () => seen.readings();
        },
      };
    },
  };
}

/** Null while it is neither wholly thawed nor wholly frozen. */
interface Freezer {
  look(): boolean | null;
  close(): void;
}

function freezerAt(directory: string): Freezer {
  return existsSync(join(directory, 'freezer.state')) ? freezerV1(directory) : freezerV2(directory);
}

/** `freezer.state` is THAWED until a freeze is asked for, FREEZING, then FROZEN. */
function freezerV1(directory: string): Freezer {
  const state = lazily(join(directory, 'freezer.state'));
  const meaning: Record<string, boolean> = { 'THAWED\n': false, 'FROZEN\n': true };
  return { look: () => meaning[readText(state.open())] ?? null, close: state.close };
}

/** `cgroup.freeze` tells what is asked for, `cgroup.events` what is so. */
function freezerV2(directory: string): Freezer {
  const wanted = lazily(join(directory, 'cgroup.freeze'));
  const events = lazily(join(directory, 'cgroup.events'));
  return {
    look() {
      if (readText(events.open()).includes('frozen 1')) return true;
      return readText(wanted.open()) === '0\n' ? false : null;
    },
    close() {
      wanted.close();
      events.close();
    },
  };
}

/** A file that may not be there yet, opened at the first look that finds it. */
function lazily(path: string): { open(): number | null; close(): void } {
  let fd: number | null = null;
  return {
    open() {
      if (fd !== null) return fd;
      try {
        fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      } catch {
        return null;
      }
      return fd;
    },
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

const scratch = Buffer.alloc(256);

function readText(fd: number | null): string {
  if (fd === null) return '';
  try {
    return scratch.toString('latin1', 0, readSync(fd, scratch, 0, scratch.length, 0));
  } catch {
    // The cgroup is gone: the container has ended.
    return '';
  }
}
