/** What `thaw compare` finds, as zod schemas: the types, and the JSON Schema published as schema/comparison.schema.json. */
import { z } from 'zod';

const COMPARISON_VERSION = 1;

const count = z.int().nonnegative();
const probability = z.number().min(0).max(1);
const fraction = z.number().describe('0.05 is 5 %.');

const verdict = z
  .enum(['regressed', 'improved', 'no difference shown', 'unknown'])
  .describe(
    'regressed and improved: significant, larger than the threshold, and than runs of one side explain.',
  )
  .meta({ id: 'comparisonVerdict' });

const group = z
  .strictObject({
    values: count.describe('Measured migrations in which it is known.'),
    unknown: count.describe('Measured migrations in which it is not.'),
    median: z.number().nullable(),
    medianCi95: z.tuple([z.number(), z.number()]).nullable().describe('Bootstrap.'),
  })
  .meta({ id: 'group' });

const change = z
  .strictObject({
    of: z
      .enum(['pairs', 'means'])
      .describe(
        'pairs: the median of the ratios of all pairs, with the interval that inverts the test; means: where values can be 0.',
      ),
    estimate: fraction,
    low: fraction.nullable().describe('End of the 95 % interval; null where too few values leave it open.'),
    high: fraction.nullable(),
  })
  .meta({ id: 'change' });

const decision = {
  p: probability.nullable().describe('Two-sided; null where there is nothing to compare.'),
  pAdjusted: probability.nullable().describe('After Holm over all comparisons.'),
  verdict,
  why: z.string(),
};

const measurement = z.strictObject({
  measurement: z.string(),
  unit: z.enum(['ms', 'bytes', 'requests']),
  base: group,
  candidate: group,
  strata: count.describe('2: quick and slow freezings were compared each with their like (van Elteren).'),
  u: z.number().nullable().describe("Mann and Whitney's U of the candidate."),
  change: change.nullable(),
  changeByRuns: fraction
    .nullable()
    .describe('A change that the difference between runs of one side explains; null with one run on each.'),
  ...decision,
});

const share = z.strictObject({ failed: count, migrations: count.describe('Measured ones.') });

const failures = z.strictObject({
  base: share,
  candidate: share,
  change: fraction.nullable().describe('Of the share that failed; null where none failed in the base.'),
  ...decision,
});

const side = z.strictObject({
  runs: z.array(z.string()).describe('IDs.'),
  warmUps: count.describe('Left out.'),
  toolchains: z.array(z.string()),
});

const cell = z.strictObject({
  scenario: z.string().describe('Its name; of two scenarios that were compared, `one against another`.'),
  base: side,
  candidate: side,
  differences: z
    .array(z.strictObject({ what: z.string(), base: z.array(z.string()), candidate: z.array(z.string()) }))
    .describe('Environments that differ, compared all the same because of --allow-differences.'),
  notes: z.array(z.string()).describe('What makes the comparison weaker than it looks.'),
  failures,
  measurements: z.array(measurement),
  verdict,
});

export const comparisonSchema = z.strictObject({
  schema: z.literal(COMPARISON_VERSION),
  alpha: probability,
  threshold: fraction,
  seed: z.int(),
  comparisons: count.describe('For how many Holm corrected: those that could have been called.'),
  cells: z.array(cell).describe('One for each scenario.'),
  verdict,
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type Cell = z.infer<typeof cell>;
export type Side = z.infer<typeof side>;
export type Group = z.infer<typeof group>;
export type Change = z.infer<typeof change>;
export type Failures = z.infer<typeof failures>;
export type MeasurementComparison = z.infer<typeof measurement>;
export type ComparisonVerdict = z.infer<typeof verdict>;
export type Difference = Cell['differences'][number];

/** The JSON Schema of what `thaw compare --json` prints. */
export function comparisonJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(comparisonSchema, { target: 'draft-2020-12' });
  return {
    $schema,
    $id: `urn:thaw:comparison:${COMPARISON_VERSION}`,
    title: 'Thaw comparison',
    description: 'Runs of a candidate against runs of a base.',
    ...schema,
  };
}
