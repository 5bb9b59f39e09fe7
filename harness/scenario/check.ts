/** What was written in YAML → scenarios, or every mistake in it. */
import { z } from 'zod';
import type { Scenario } from '../model.ts';
import { contradictions } from './contradictions.ts';
import { toScenario } from './convert.ts';
import { type Mistake, mistakesOf } from './parse.ts';
import { scenarioSchema } from './schema.ts';
import type { CellDocument } from './vary.ts';

/** One scenario as it was written, checked. */
export interface CheckedDocument {
  /** Each at its place in the file. */
  mistakes: Mistake[];
  /** Null where there are mistakes. */
  valid: { scenario: Scenario; rounds: number } | null;
}

/** `file`: where relative paths start from. */
export function checkDocument({ value, cell, placed }: CellDocument, file: string): CheckedDocument {
  const found = scenarioSchema.safeParse(value, { reportInput: true });
  const wrong = found.success ? [] : mistakesOf(found.error, namesAt);
  const mistakes = [...wrong, ...contradictions(value)].map(placed);
  if (!found.success || mistakes.length > 0) return { mistakes, valid: null };
  const scenario = { ...toScenario(found.data, file), cell };
  return { mistakes, valid: { scenario, rounds: found.data.rounds } };
}

/** After its mistakes were refused. */
export function requireValid({ valid }: CheckedDocument): NonNullable<CheckedDocument['valid']> {
  if (valid === null) throw new Error('a scenario was refused without telling why');
  return valid;
}

/** Names that are valid at a path of a scenario: for `did you mean`. */
export function namesAt(path: readonly PropertyKey[]): string[] {
  return namesIn(scenarioSchema, path);
}

/** Names that are valid at a path of a schema. */
export function namesIn(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.ZodType | undefined = schema;
  for (const part of path) {
    at = bare(at);
    if (at instanceof z.ZodObject) at = at.shape[String(part)] as z.ZodType | undefined;
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else return [];
  }
  const end = bare(at);
  return end instanceof z.ZodObject ? Object.keys(end.shape) : [];
}

/** Without what is wrapped around an object: defaults, options, transformations, alternatives. */
function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
    return bare(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return bare(schema.in as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    return schema.options
      .map((option) => bare(option as z.ZodType))
      .find((option) => option instanceof z.ZodObject);
  }
  return schema;
}
