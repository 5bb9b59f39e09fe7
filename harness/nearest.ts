/** The nearest valid name, as the end of a sentence about one that is not. */
import { distance } from 'fastest-levenshtein';

/** Empty where none is near and there are too many to list. */
export function nearest(given: string, valid: readonly string[]): string {
  const [best] = valid
    .map((name) => ({ name, far: distance(given, name) }))
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name));
  if (best === undefined || best.far > Math.max(2, given.length / 2)) {
    return valid.length > 0 && valid.length <= 12 ? `; known are ${[...valid].sort().join(', ')}` : '';
  }
  return `; did you mean \`${best.name}\`?`;
}
