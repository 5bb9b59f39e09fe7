/** Every failed migration: what was said, the diagnosis, and the lines of its logs that tell of errors. */
import type { MigrationResult, RunRecord } from '../../../model.ts';
import { diagnosisRows } from '../../explanation.ts';
import { survivorOf } from '../../migration-line.ts';
import { count } from '../../numbers.ts';
import { retriedText } from '../../sections/failures.ts';
import { safeText } from '../../text.ts';
import type { Excerpt, ExcerptLine, Excerpts } from '../excerpts.ts';
import { type Html, html, NOTHING, preformatted } from '../markup.ts';
import { inTimeline, section } from '../parts.ts';

const FAILURES_AT_MOST = 100;

export function failuresSection(record: RunRecord, excerpts: Excerpts): Html {
  const failed = record.migrations.filter(({ outcome }) => outcome.state === 'failed');
  if (failed.length === 0) return NOTHING;
  const left = failed.length - FAILURES_AT_MOST;
  const more = left > 0 ? html`<p>and ${count(left)} more; all of them stand in record.json</p>` : NOTHING;
  const note = html`<p class="note">${failed.length} of ${record.migrations.length}, warm-up included. Their whole logs lie in the run directory.</p>`;
  return section(
    'failures',
    'Failed migrations',
    html`${note}${failed.slice(0, FAILURES_AT_MOST).map((one) => failure(one, excerpts.get(one.number) ?? []))}${more}`,
  );
}

function failure(migration: MigrationResult, excerpts: readonly Excerpt[]): Html {
  if (migration.outcome.state !== 'failed') return NOTHING;
  const { phase, error } = migration.outcome;
  const { number, warmUp, source, destination, files } = migration;
  const text = error.trim() === '' ? 'no reason given' : error;
  const rows = migration.diagnosis === null ? [] : diagnosisRows(migration.diagnosis);
  const diagnosis =
    rows.length === 0
      ? NOTHING
      : html`<dl class="list">${rows.map(([label, why]) => html`<dt>${label}</dt><dd>${why}</dd>`)}</dl>`;
  return html`<article class="card"><h3>Migration ${number}${warmUp ? ' (warm-up)' : ''}, ${safeText(source, 40)} → ${safeText(destination, 40)}: <span class="fail">failed at ${phase}</span></h3>
<p>${survivorOf(migration.outcome)}${migration.retries === 0 ? '' : `; ${retriedText(migration.retries)}`}; logs: <code>${safeText(files, 80)}</code> ${inTimeline(number)}</p><pre tabindex="0">${preformatted(text, 2_000, 60)}</pre>${diagnosis}${excerpts.map((one, i) => excerpt(one, i === 0))}</article>`;
}

function excerpt({ log, lines, left }: Excerpt, open: boolean): Html {
  const width = String(lines.at(-1)?.number ?? 0).length;
  const more = left > 0 ? `, and ${count(left)} more such lines` : '';
  return html`<details${open ? html` open` : NOTHING}><summary>${safeText(log, 80)}: the first lines that tell of errors${more}</summary><pre tabindex="0">${lines.map((line, i) => lineOf(line, lines[i - 1]?.number, width))}</pre></details>`;
}

/** `▶` in front of what tells of an error, `⋮` where lines are left out. */
function lineOf({ number, text, isError }: ExcerptLine, before: number | undefined, width: number): Html {
  const gap = before !== undefined && number > before + 1 ? html`⋮\n` : NOTHING;
  const line = html`${isError ? '▶' : ' '} ${String(number).padStart(width)}  ${safeText(text, 500)}`;
  return html`${gap}${isError ? html`<strong>${line}</strong>` : line}\n`;
}
