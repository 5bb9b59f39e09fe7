/** Looks at a namespace host through /proc and this machine's cgroup mounts: no process is started. */
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Observer } from '../testbed.ts';

export function namespaceObserver(initPid: number): Observer {
  const seenFromHere = (path: string): string => `/proc/${initPid}/root${path}`;
  return {
    fileSize(path) {
      const file = lazily(seenFromHere(path));
      return {
        look: () => {
          const fd = file.open();
          return fd === null ? null : fstatSync(fd).size;
        },
        close: file.close,
      };
    },
    freezer(directory) {
      if (directory === null) return { look: () => null, close: () => {} };
      const path = seenFromHere(directory);
      return existsSync(join(path, 'freezer.state')) ? freezerV1(path) : freezerV2(path);
    },
  };
}

/** `freezer.state` is THAWED until a freeze is asked for, FREEZING, then FROZEN. */
function freezerV1(directory: string): ReturnType<Observer['freezer']> {
  const state = lazily(join(directory, 'freezer.state'));
  const meaning: Record<string, boolean> = { 'THAWED\n': false, 'FROZEN\n': true };
  return { look: () => meaning[readText(state.open())] ?? null, close: state.close };
}

/** `cgroup.freeze` tells what is asked for, `cgroup.events` what is so. */
function freezerV2(directory: string): ReturnType<Observer['freezer']> {
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
