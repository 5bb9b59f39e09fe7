/** The runs as a table, newest first, with what it can be filtered by. */
import type { HistoryRun } from '../../../analysis/trend/history-run.ts';
import { count, counted, formatOf } from '../../numbers.ts';
import { MARKS } from '../../style.ts';
import { safeText } from '../../text.ts';
import { minute } from '../../trend/words.ts';
import { linkTo } from '../links.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import type { IndexedRun } from './page.ts';

export function runsSection(runs: readonly IndexedRun[]): Html {
  const [scenarios, toolchains] = [valuesOf(runs, scenarioOf), valuesOf(runs, toolchainOf)];
  const filters = html`<div class="controls" role="search" aria-label="Filter the runs">
${choice('scenario', scenarios)}${choice('toolchain', toolchains)}${choice('verdict', VERDICTS)}
<button type="button" id="filter-none">show all</button></div>
<p class="note" id="shown" role="status">${count(runs.length)} of ${counted(runs.length, 'run')}</p>`;
  const names = [
    'begun (UTC)',
    'scenario',
    'toolchain',
    'verdict',
    ...FIGURES.map(([, name]) => name),
    'migrations',
  ];
  const heads = names.map(
    (name, i) => html`<th scope="col"${i > 3 ? html` class="r"` : NOTHING}>${name}</th>`,
  );
  const rows = runs.map((run) => rowOf(run, scenarios, toolchains));
  const body =
    runs.length === 0
      ? html`<p>there is none</p>`
      : html`${filters}<div class="scroll" tabindex="0" role="group" aria-label="Table of runs"><table id="run-table" data-filtered="runs"><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>
<p class="note">Medians of the measured migrations, with the 95 % interval of the median. Migrations: completed of measured.</p>`;
  return html`<section aria-labelledby="runs-title" id="runs"><h2 id="runs-title">Runs, newest first</h2>
${body}</section>`;
}

const VERDICTS = ['pass', 'fail', 'unknown'];
const FIGURES = [
  ['frozen-window', 'frozen window'],
  ['downtime', 'downtime'],
  ['lost', 'lost'],
] as const;

/** `httpd, memory = 64MiB`. */
export function scenarioOf({ scenario, cell }: Pick<HistoryRun, 'scenario' | 'cell'>): string {
  const values = Object.entries(cell).map(([key, value]) => `${key.split('.').at(-1)} = ${value}`);
  return [scenario, ...values].map((one) => safeText(one, 60)).join(', ');
}

/** What ran, not what was asked for: `runc 1.3.6, CRIU 4.2.1`. */
function toolchainOf({ versions, toolchain }: IndexedRun): string {
  const { runtime, CRIU } = versions;
  if (!runtime || !CRIU) return safeText(`${toolchain} (versions unknown)`, 120);
  return safeText(`${runtime}, CRIU ${CRIU}`, 120);
}

function valuesOf(runs: readonly IndexedRun[], of: (run: IndexedRun) => string): string[] {
  return [...new Set(runs.map(of))].sort();
}

/** Its values are places in the list, so that no name of a run is compared with what a browser made of it. */
function choice(what: string, values: readonly string[]): Html {
  const options = values.map((value, i) => html`<option value="${i}">${value}</option>`);
  return html`<label>${what} <select data-filter="${what}"><option value="">all</option>${options}</select></label>
`;
}

function rowOf(run: IndexedRun, scenarios: readonly string[], toolchains: readonly string[]): Html {
  const { startedAt, verdict, outcome, migrations, failed, page, partOf, directory } = run;
  const [scenario, toolchain] = [scenarioOf(run), toolchainOf(run)];
  const at = minute(startedAt);
  const name =
    page === null
      ? html`<abbr title="no page in ${safeText(directory, 200)}">${at}</abbr>`
      : html`<a href="${linkTo(page)}">${at}</a>`;
  const cells =
    partOf === null
      ? NOTHING
      : html`<br><small><a href="${linkTo(partOf)}" aria-label="all cells of which ${at} is part">all cells</a></small>`;
  const ended = outcome === 'completed' ? NOTHING : html` (${outcome})`;
  return html`<tr data-scenario="${scenarios.indexOf(scenario)}" data-toolchain="${toolchains.indexOf(toolchain)}" data-verdict="${VERDICTS.indexOf(verdict)}"><th scope="row">${name}${cells}</th><td>${scenario}</td><td>${toolchain}</td><td class="${verdict}"><span aria-hidden="true">${MARKS[verdict]}</span> ${verdict}${ended}</td>${FIGURES.map(([measurement]) => html`<td class="r">${medianOf(run, measurement)}</td>`)}<td class="r">${count(migrations - failed)} of ${count(migrations)}</td></tr>
`;
}

function medianOf({ measurements }: IndexedRun, measurement: string): Html {
  const found = measurements.find((one) => one.measurement === measurement);
  if (found === undefined || found.median === null) return html`<span class="note">unknown</span>`;
  const { unit, median, medianCi95: ci } = found;
  const uncertainty = ci === null ? null : (ci[1] - ci[0]) / 20;
  const format = formatOf({ unit, max: median, uncertainty });
  const interval = ci === null ? NOTHING : html`<br><small>${ci.map(format.value).join(' – ')}</small>`;
  return html`${`${format.value(median)} ${format.unit}`.trim()}${interval}`;
}
