/** The first thing that is written to the share. */
import type { Host } from '../../host/host.ts';

/** Twice what a server of Linux takes by default, and a little for what comes after. */
const LIMIT_MS = 200_000;
const PATIENCE_MS = 3_000;

/**
 * An NFS server that has just begun takes no writes for a while, 90 s by default: those who had files open before may
 * claim them again (RFC 8881, 8.4.2.1). Who waits for that is told, once. Throws CommandError.
 */
export async function firstWrite(
  host: Host,
  file: { path: string; content: string; mode: number },
  announce: (line: string) => void,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const line = `waiting until ${host.name} can write to the share: an NFS server that has just begun lets nobody for 90 s`;
  const timer = setTimeout(() => announce(line), patienceMs);
  try {
    await host.put(file.path, file.content, file.mode, LIMIT_MS);
  } finally {
    clearTimeout(timer);
  }
}
