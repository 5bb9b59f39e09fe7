/** What a series of measurements is called where figures of many runs are kept. */
import type { Scenario } from '../../model.ts';
import { safeText } from '../text.ts';

/** `httpd`; of a cell of a sweep with what was varied, as `httpd (memory = 64 MiB)`. At most 200 columns. */
export function seriesOf({ name, cell }: Scenario): string {
  const varied = cellOf(cell);
  return safeText(varied === '' ? name : `${name} (${varied})`, 200);
}

/** `memory = 64 MiB, strategy = pre-copy`; empty outside of a sweep. */
export function cellOf(cell: Scenario['cell']): string {
  return Object.entries(cell)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ');
}
