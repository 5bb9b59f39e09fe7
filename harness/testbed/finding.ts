/** One thing that was looked at before a run, as a value. */
import type { Finding } from '../model.ts';

export function finding(
  what: string,
  good: boolean,
  found: string,
  why: string,
  next: string,
  otherwise: 'warning' | 'problem' = 'problem',
): Finding {
  return { what, state: good ? 'ok' : otherwise, found, why, next: good ? null : next };
}
