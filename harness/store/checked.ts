/** What stands in a file of a run directory, held to its schema. */
import type { z } from 'zod';
import { messageOf } from '../errors.ts';
import { damaged } from './plain.ts';

export function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(where, messageOf(error));
  }
}

export function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damaged(where, `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
}
