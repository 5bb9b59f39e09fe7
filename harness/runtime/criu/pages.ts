/** Whether CRIU's page counts and its page images tell the same. */
import type { DumpStats, OrUnknown } from '../../model.ts';

/**
 * `pages_written` + `shpages_written` against the bytes of pages-*.img divided by the page size. Lazy pages are
 * not in the images and not in the counts. It does not hold with compression.
 */
export function pagesAgree(
  stats: DumpStats | null,
  pageImageBytes: number | null,
  pageSize: number,
): OrUnknown<boolean> {
  if (stats === null) return { unknown: 'CRIU left no stats-dump' };
  if (pageImageBytes === null) return { unknown: 'the page images were not seen' };
  return (stats.pages_written + stats.shpages_written) * pageSize === pageImageBytes;
}
