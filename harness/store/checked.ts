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

/** The same of a raw file, whose numbers are computed with: beyond 2^53, which no instant or count is, a sum may be infinite. */
export function checkedRaw<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  // What the schema takes is not deep.
  const read = checked(schema, value, where);
  const endless = tooLarge(read, '');
  if (endless !== null) throw damaged(where, `${endless} is no instant and no count`);
  return read;
}

/** Where a number is beyond 2^53; null: nowhere. */
function tooLarge(value: unknown, path: string): string | null {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = tooLarge(inner, path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

export function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damaged(where, `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
}
