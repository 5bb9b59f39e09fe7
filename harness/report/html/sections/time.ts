/** Where the time went: the frozen window of each migration, split into its parts. */
import type { FrozenWindow, MigrationResult, RunRecord } from '../../../model.ts';
import { measured, medianMigration } from '../../measurements.ts';
import { boundedMs, counted, isUnknown } from '../../numbers.ts';
import { partsOf, sharesOf, totalOf } from '../../sections/time.ts';
import { safeText } from '../../text.ts';
import { decimalsOfStep, ticks } from '../client/scale.js';
import { type Html, html } from '../markup.ts';
import { at } from '../svg.ts';

export function timeSection(record: RunRecord): Html {
  const middle = medianMigration(record);
  const body =
    middle === null || isUnknown(middle.frozenWindow)
      ? html`<p>unknown (no measured migration has a frozen window)</p>`
      : html`${chart(measured(record))}${table(middle, middle.frozenWindow)}`;
  return html`<section aria-labelledby="time-title" id="time">
<h2 id="time-title">Where the time went</h2>
${body}</section>`;
}

const WIDTH = 960;
const HEIGHT = 220;
const LEFT = 60;
const TOP = 8;
const BOTTOM = 200;

function chart(migrations: readonly MigrationResult[]): Html {
  const windows = migrations.map(({ frozenWindow }) => (isUnknown(frozenWindow) ? null : frozenWindow));
  const most = Math.max(...windows.map((frozen) => frozen?.window.ms ?? 0));
  const y = (ms: number): number => BOTTOM - (ms / most) * (BOTTOM - TOP);
  const pitch = (WIDTH - LEFT) / migrations.length;
  const width = Math.min(40, pitch * 0.85);
  const x = (index: number): number => LEFT + pitch * (index + 0.5) - width / 2;
  const { step, values } = ticks(0, most, 5);
  const grid = values.map(
    (ms) =>
      html`<path class="grid" d="M${LEFT} ${at(y(ms))}H${WIDTH}"/><text class="name" x="${LEFT - 6}" y="${at(y(ms) + 4)}">${ms.toFixed(decimalsOfStep(step))}</text>`,
  );
  const columns = migrations.map((migration, index) => column(migration, x(index), width, y));
  const every = Math.ceil(28 / pitch);
  const labels = migrations.map(({ number }, index) =>
    index % every === 0
      ? html`<text class="tick" x="${at(x(index) + width / 2)}" y="${BOTTOM + 14}">${number}</text>`
      : html``,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Drawing of the parts of each frozen window"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Parts of the frozen window in milliseconds, a column for each of ${counted(migrations.length, 'migration')}">${grid}${columns}${labels}</svg></div>
<p class="note">Milliseconds, a column for each measured migration by its number. ✗ failed, ? unknown.</p>`;
}

function column(migration: MigrationResult, x: number, width: number, y: (ms: number) => number): Html {
  const { frozenWindow, number, outcome } = migration;
  if (isUnknown(frozenWindow)) {
    const [mark, look] = outcome.state === 'failed' ? ['✗', 'mark lost'] : ['?', 'mark'];
    return html`<text class="${look}" x="${at(x + width / 2)}" y="${BOTTOM - 4}">${mark}<title>migration ${number}: ${frozenWindow.unknown}</title></text>`;
  }
  let sum = 0;
  const parts = partsOf(frozenWindow).map(({ key, label, ms }) => {
    const from = sum;
    sum += Math.max(0, ms);
    const top = y(sum);
    return html`<rect class="part-${key}" x="${at(x)}" y="${at(top)}" width="${at(width)}" height="${at(y(from) - top)}"><title>migration ${number}: ${label} ${ms.toFixed(3)} ms of ${boundedMs(frozenWindow.window)}</title></rect>`;
  });
  return html`${parts}`;
}

function table(migration: MigrationResult, frozen: FrozenWindow): Html {
  const rows = sharesOf(partsOf(frozen), frozen).map(
    ({ part, ms, percent }) =>
      html`<tr><th scope="row"><span class="key part-${part.key}" aria-hidden="true"></span>${part.label}</th><td class="r">${ms}</td><td class="r">${percent}</td><td>${part.what}</td></tr>`,
  );
  const hosts = `${safeText(migration.source, 20)} → ${safeText(migration.destination, 20)}`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Parts of the median frozen window"><table><caption>The median one: migration ${migration.number}, ${hosts}</caption>
<thead><tr><th scope="col">part</th><th scope="col" class="r">time</th><th scope="col" class="r">share</th><th scope="col">from … to</th></tr></thead><tbody>${rows}
<tr class="sum"><th scope="row">frozen window</th><td class="r">${totalOf(frozen)}</td><td class="r">100 %</td><td>${boundedMs(frozen.window)}</td></tr></tbody></table></div>`;
}
