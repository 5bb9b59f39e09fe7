/** Migrations by their numbers. */
import type { MigrationResult } from '../model.ts';

/** `#3, #7 and 12 more` */
export function numbered(results: readonly Pick<MigrationResult, 'number'>[], atMost = 5): string {
  const some = results.slice(0, atMost).map(({ number }) => `#${number}`);
  const more = results.length > atMost ? ` and ${results.length - atMost} more` : '';
  return `${some.join(', ')}${more}`;
}
