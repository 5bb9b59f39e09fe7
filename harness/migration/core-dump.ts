/** Core dumps of a CRIU that crashed: where the kernel of the host puts them, and into the run directory from there. */
import { dirname } from 'node:path';
import { CommandError } from '../host/host.ts';
import type { CaptureObservation, HostName } from '../model.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { imageDirectory } from './images.ts';
import { keepFile } from './keep-file.ts';
import type { Migration, Moved } from './migrate.ts';

const LARGEST = 256 * 1024 * 1024;
const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** The command with leave to dump core, where that is asked for. */
export function withCore({ scenario }: Pick<Migration, 'scenario'>, argv: readonly string[]): string[] {
  return scenario.capture.includes('core') ? ['prlimit', `--core=${LARGEST}:${LARGEST}`, ...argv] : [...argv];
}

/** The newest core dump of this migration; it is moved into the directory of the migration. */
export async function collectCore(
  migration: Migration,
  { host }: TestbedHost,
  told: CaptureObservation,
  steps: Moved['steps'],
): Promise<CaptureObservation> {
  const { clock, container, filesDirectory, files, scenario } = migration;
  const ended = (what: Partial<CaptureObservation>): CaptureObservation => ({
    ...told,
    ...what,
    endedMs: clock.now(),
  });
  try {
    const { stdout } = await host.exec(['cat', '/proc/sys/kernel/core_pattern'], LIMIT);
    const where = stdout.trim();
    if (where.startsWith('|')) return ended({ why: `the kernel hands core dumps to a program: ${where}` });
    // CRIU works in its work directory.
    const own = [imageDirectory(migration), container.bundle];
    const places = where.startsWith('/') ? [dirname(where)] : own;
    const minutes = String(Math.ceil((clock.now() - told.begunMs) / 60_000));
    const found = await host.exec(
      [
        ...['find', ...places, '-maxdepth', '1', '-type', 'f', '-name', 'core*', '!', '-name', '*.img'],
        ...['-mmin', `-${minutes}`, '-size', `-${LARGEST / 1024}k`, '-print'],
      ],
      LIMIT,
    );
    const [path] = found.stdout.split('\n');
    // On the share both hosts find it.
    const shared = places === own && scenario.migration.transfer === 'share';
    if (!path || (shared && host.name !== crashedOn(steps))) return ended({ why: 'no program crashed' });
    const content = await host.get(path, LARGEST);
    if (content === null) return ended({ why: 'no program crashed' });
    const name = `core-${host.name}`;
    if (!keepFile(filesDirectory, name, content)) return ended({ why: 'the run directory takes no more' });
    await host.exec(['rm', '-f', '--', path], LIMIT);
    return ended({ file: `${files}/${name}`, bytes: content.length });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return ended({ why: 'the host did not answer' });
  }
}

/** Where the first command failed; its log may not be there yet. Null: none has. */
function crashedOn(steps: Moved['steps']): HostName | null {
  const [first] = Object.values(steps)
    .filter(({ status }) => status > 0)
    .toSorted((a, b) => a.exit.earliest - b.exit.earliest);
  return first?.host ?? null;
}
