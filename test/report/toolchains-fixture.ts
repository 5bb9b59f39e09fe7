/** A cache with one of each kind, and trials. */
import type { CheckedToolchain, ListedItem } from '../../harness/testbed/toolchain-cache.ts';

export const NOW = new Date('2026-11-28T12:00:00Z');

export function trial(works = true): Omit<CheckedToolchain, 'name'> {
  return {
    works,
    why: works ? '' : "dump: Error (criu/sockets.c:141): sockets: Can't get 1:16 opt",
    versions: { runc: '1.3.6', crun: 'unknown', criu: works ? '4.2.1' : '4.1.1' },
    features: { mem_dirty_track: false, 'uffd-noncoop': true },
  };
}

export function listed(): ListedItem[] {
  const item = (given: Partial<ListedItem>): ListedItem => ({
    kind: 'root',
    name: 'toolchain-debian-forky-00112233aabbccdd',
    what: 'toolchain debian:forky',
    paths: [],
    bytes: 251_658_240,
    usedAt: '2026-11-28T11:59:50.000Z',
    digest: 'd1',
    whole: true,
    trials: [trial()],
    ...given,
  });
  return [
    item({}),
    item({ what: 'toolchain debian:trixie', trials: [trial(false)], usedAt: '2026-11-28T09:00:00.000Z' }),
    item({
      kind: 'build',
      name: 'criu-0123456789ab-00112233',
      what: 'criu v4.2-3-g0123456 of /src/criu\x1b[31m, built in debian:bookworm',
      bytes: 5_242_880,
      usedAt: '2026-11-01T12:00:00.000Z',
      digest: null,
      whole: false,
      trials: [],
    }),
  ];
}
