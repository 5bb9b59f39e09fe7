/** The runs that a resumed run goes on for, and how a long one went over its time: as on the terminal. */
import type { RunRecord } from '../../../model.ts';
import { PART_COLUMNS, partRows, TENTH_COLUMNS, tenthRows, togetherOf } from '../../sections/parts.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { section, table } from '../parts.ts';

/** Nothing for a run that was begun by itself. */
export function partsSection(record: RunRecord): Html {
  const rows = partRows(record);
  if (rows.length === 0) return NOTHING;
  const note = html`<p class="note">Each was broken off, and the next one went on for it with new hosts. All else on this page is of the last.</p>`;
  return section(
    'parts',
    'Parts',
    html`${note}${table(PART_COLUMNS, rows, 'lrrrrrl')}<p>${togetherOf(record)}</p>`,
  );
}

/** Nothing for a run that is not long. */
export function overTimeSection(record: RunRecord): Html {
  const rows = tenthRows(record);
  if (rows.length === 0) return NOTHING;
  return section(
    'over-time',
    'Over time',
    html`<p class="note">Medians of tenths of the run.</p>${table(TENTH_COLUMNS, rows, 'lrrrrr')}`,
  );
}
