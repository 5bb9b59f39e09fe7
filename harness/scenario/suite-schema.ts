/** The YAML of a suite as a person writes it. */
import { z } from 'zod';
import { line, name } from './leaves.ts';

const map = z.record(z.string(), z.unknown(), 'must be a map from key to value');
const day = z.string('must be a day, such as 2026-12-31').refine(isDay, 'must be a day, such as 2026-12-31');
const link = z
  .string('must be a link')
  .refine((text) => /^https?:\/\/\S+$/.test(text), 'must be a link that begins with https://');

const expectation = z
  .strictObject({
    where: map
      .prefault({})
      .describe('Cells that have all of these: keys of the axes, and `scenario`; left out: all cells.'),
    fail: line.optional().describe('They fail, and each failed migration by this known failure.'),
    skip: z
      .literal(true, 'must be true')
      .optional()
      .describe('Their hosts cannot do it, and they are skipped.'),
    why: line.describe('For whoever reads the report.'),
    link: link.optional().describe('Where it is reported.'),
    until: day.optional().describe('With `fail`: the last day on which it is expected.'),
  })
  .superRefine((one, context) => {
    const add = (message: string, path: string[] = []) =>
      context.addIssue({ code: 'custom', message, path, input: undefined });
    if ((one.fail === undefined) === (one.skip === undefined)) add('needs either `fail` or `skip`');
    if (one.fail !== undefined && one.until === undefined) add('needs `until`: when to look at it again');
  });

export const suiteSchema = z.strictObject({
  suite: name.describe('Name of the suite; its runs lie in `reports/NAME/`.'),
  why: z.string('must be text').prefault('').describe('What it shows, for whoever reads the report.'),
  scenarios: z
    .array(line, 'must be a list of scenario files')
    .min(1, 'must have at least one scenario')
    .describe('Scenario files, relative to this file.'),
  set: map.prefault({}).describe('Keys that all of the scenarios take at one value, written with dots.'),
  axes: z
    .record(
      z.string(),
      z.array(z.unknown(), 'must be a list of values').min(1, 'must have at least one value'),
    )
    .prefault({})
    .describe(
      'Keys of a scenario, written with dots, and the values that each takes: every combination is a cell.',
    ),
  exclude: z
    .array(map, 'must be a list of maps')
    .prefault([])
    .describe('Combinations that are left out: cells that have all of these.'),
  include: z
    .array(map, 'must be a list of maps')
    .prefault([])
    .describe('Cells besides, each with its own keys; without `scenario` one for each scenario.'),
  expect: z
    .array(expectation, 'must be a list')
    .prefault([])
    .describe('What is known to fail, or to be skipped.'),
});

export type WrittenSuite = z.output<typeof suiteSchema>;

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}
