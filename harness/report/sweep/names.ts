/** What an axis is called where its whole key would be too long. */

/** The last words of a key, as few as tell it from the others that vary: `bundle.counter.memory` is `memory`. */
export function shortKey(key: string, keys: readonly string[] = [key]): string {
  const words = key.split('.');
  const others = keys.filter((other) => other !== key).map((other) => other.split('.'));
  const last = (of: readonly string[], n: number): string => of.slice(-n).join(' ');
  const told = words.findIndex((_, i) => others.every((other) => last(other, i + 1) !== last(words, i + 1)));
  return last(words, told === -1 ? words.length : told + 1);
}
