/** Which measurements are compared. */
import { UsageError } from '../../errors.ts';
import { nearest } from '../../scenario/parse.ts';
import type { Runs } from './pairs.ts';

/**
 * What the client felt, what the container felt, CRIU's two ends, and the images. Few, because each comparison more
 * makes the others weaker; the rest says where a difference comes from, and can be asked for.
 */
export const HEADLINE: readonly string[] = [
  'frozen-window',
  'downtime',
  'lost',
  'frozen_time',
  'restore_time',
  'image-bytes',
];

/** `names`: as the user gave them, `all` among them for all that have a value; null for HEADLINE. UsageError where one is unknown. */
export function chooseMeasurements(
  { base, candidate }: Runs,
  names: readonly string[] | null,
): readonly string[] {
  const distributions = [...base, ...candidate].flatMap((record) => record.distributions);
  const known = [...new Set(distributions.map(({ measurement }) => measurement))];
  if (names === null) return HEADLINE.filter((name) => known.includes(name));
  if (names.includes('all')) {
    return known.filter((name) =>
      distributions.some(({ measurement, values }) => measurement === name && values.length > 0),
    );
  }
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return [...new Set(names)];
  throw new UsageError(
    `--measurement: ${wrong} was not measured${nearest(wrong, known)}`,
    `the runs have ${known.join(', ') || 'none'}; all is all of them`,
  );
}
