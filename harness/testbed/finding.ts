/** One thing that was looked at before a run: what was found, why it matters, and what to do. */
export interface Finding {
  what: string;
  state: 'ok' | 'warning' | 'problem';
  found: string;
  /** Why it matters. */
  why: string;
  /** What to do; null where nothing is to be done. */
  next: string | null;
}

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
