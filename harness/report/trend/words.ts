/** What is said of a trend in every format. */
import type { CellTrend, ChangePoint, VersionChange } from '../../analysis/trend/model.ts';
import { percent, percentInterval, pValue } from '../comparison/words.ts';
import { safeText } from '../text.ts';

/** `httpd, memory = 64MiB`: what tells it from the others of one history. */
export function nameOf({ scenario, cell }: CellTrend): string {
  const values = Object.entries(cell).map(([key, value]) => `${key.split('.').at(-1)} = ${value}`);
  return [scenario, ...values].map((one) => safeText(one, 60)).join(', ');
}

/** `+20.1 % (+18.0 … +22.3 %) between 2026-01-20 12:00 and 2026-01-21 12:00, p 0.0004`. */
export function changeText({ change, after, before, pAdjusted }: ChangePoint): string {
  const size = change === null ? 'from nothing' : `${percent(change.estimate)} (${percentInterval(change)})`;
  return `${size} between ${minute(after.startedAt)} and ${minute(before.startedAt)}, p ${pValue(pAdjusted)}`;
}

/** `CRIU 4.2 → 4.2.1; 1 run later: kernel 6.1 → 6.2`. */
export function versionsText(changes: readonly VersionChange[]): string {
  if (changes.length === 0) return 'no version changed within 2 runs of it';
  return changes
    .map(({ what, from, to, runs }) => {
      const away = Math.abs(runs);
      const when =
        runs === 0 ? '' : `${away} run${away === 1 ? '' : 's'} ${runs < 0 ? 'earlier' : 'later'}: `;
      return `${when}${safeText(what, 30)} ${safeText(from, 80)} → ${safeText(to, 80)}`;
    })
    .join('; ');
}

/** `2026-01-20 12:00`, UTC. */
export function minute(startedAt: string): string {
  return safeText(startedAt.slice(0, 16).replace('T', ' '), 16);
}
