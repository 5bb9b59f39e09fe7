/** One thing that was looked at before a run, as a value. */
import type { Finding, FindingId } from '../model.ts';

export function finding(
  [id, what]: readonly [FindingId, what: string],
  good: boolean,
  found: string,
  why: string,
  next: string,
  otherwise: 'warning' | 'problem' = 'problem',
): Finding {
  return { id, what, state: good ? 'ok' : otherwise, found, why, next: good ? null : next };
}
