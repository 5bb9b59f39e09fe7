/**
 * Post-copy: the checkpoint writes all but the memory and then serves it, the container resumes on the destination, and
 * its pages follow as it touches them, the rest behind it. The page server is the checkpoint itself; a daemon on the
 * destination fetches the pages, and its end is the end of the migration.
 */
import { type Armed, arm } from '../host/armed.ts';
import { lazyPagesArgv, PAGES_PORT, pageServerFlags } from '../runtime/commands.ts';
import { addressOf } from './address.ts';
import { imageDirectory } from './images.ts';
import type { Migration, Moved } from './migrate.ts';
import type { PreDumping } from './pre-copy.ts';
import { ARM_LIMIT_MS, NOTHING, stopAndCopy } from './stop-and-copy.ts';

/**
 * As stopAndCopy; the images are in a directory that is named, since the daemon needs it too. `added`: by pre-dumps,
 * whose pages the daemon finds in their images and does not ask for.
 */
export async function postCopy(migration: Migration, added: PreDumping = NOTHING): Promise<Moved> {
  const images = imageDirectory(migration);
  const server = { address: await addressOf(migration.source, migration.scenario.service), port: PAGES_PORT };
  const transfer = await armTransfer(migration, images);
  try {
    return await stopAndCopy(migration, images, {
      ...NOTHING,
      ...added,
      checkpointFlags: [...pageServerFlags(PAGES_PORT), ...added.checkpointFlags],
      restoreFlags: ['--lazy-pages'],
      servesAs: 'page-server',
      beforeRestore: [{ name: 'lazy-pages', argv: lazyPagesArgv(server, { images, work: images }) }],
      async afterRestore() {
        transfer.fire();
        await transfer.done;
        await migration.destination.clock.read();
        return transfer.spans();
      },
    });
  } finally {
    transfer.disarm();
  }
}

// The daemon is nobody's child by then: its process directory goes when it ends.
const UNTIL_IT_ENDS = 'pid=$(cat "$1") || exit; while [ -e "/proc/$pid" ]; do sleep 0.02; done';

function armTransfer(migration: Migration, images: string): Promise<Armed> {
  const { destination, container, scenario, clock } = migration;
  const argv = ['/bin/sh', '-c', UNTIL_IT_ENDS, 'sh', `${images}/lazy-pages.pid`];
  return arm(destination.host, container.bundle, [{ name: 'lazy-transfer', argv }], {
    clock,
    hostClock: destination.clock,
    armLimitMs: ARM_LIMIT_MS,
    limitMs: scenario.migration.timeoutMs,
  });
}
