/** What the log of CRIU's lazy-pages daemon says of its transfer. */

/** The sum over all processes of `UFFD transferred pages: (N/M)` (criu/uffd.c); null where it says nothing. */
export function lazyPagesIn(log: string): { transferred: number; total: number } | null {
  const told = [...log.matchAll(/UFFD transferred pages: \((\d+)\/(\d+)\)/g)];
  if (told.length === 0) return null;
  const sum = (group: 1 | 2): number => told.reduce((all, match) => all + Number(match[group]), 0);
  return { transferred: sum(1), total: sum(2) };
}
