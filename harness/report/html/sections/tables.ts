/** The sections of the page that are tables and lists: checks, migrations, client, CRIU, environment. */
import type { HostFacts, RunRecord } from '../../../model.ts';
import { runtimeText } from '../../../runtime/commands.ts';
import { lostOf } from '../../migration-line.ts';
import { boundedMs, count, downtimeMs, exactMs, isUnknown } from '../../numbers.ts';
import { capturesTold } from '../../sections/captures.ts';
import { clientFacts } from '../../sections/client.ts';
import { CRIU_COLUMNS, criuNotes, criuRows, NO_STATS } from '../../sections/criu.ts';
import { faultsTold } from '../../sections/faults.ts';
import { leftBehind } from '../../sections/left-behind.ts';
import { worstClocks } from '../../sections/machine.ts';
import { droppedLogs } from '../../sections/next.ts';
import { PRE_DUMP_COLUMNS, PRE_DUMP_NOTE, preDumpRows } from '../../sections/pre-dumps.ts';
import { worstFirst } from '../../sections/verdicts.ts';
import { MARKS } from '../../style.ts';
import { safeText } from '../../text.ts';
import { type Html, html, NOTHING, preformatted } from '../markup.ts';
import { definitions, inTimeline, section, table } from '../parts.ts';

const ROWS_AT_MOST = 2_000;
const SCENARIO_LINES_AT_MOST = 1_000;

export function checksSection(record: RunRecord): Html {
  const rows = worstFirst(record).map(({ check, state, why }) => [
    html`<span class="${state}"><span aria-hidden="true">${MARKS[state]}</span> ${state}</span>`,
    safeText(check, 60),
    safeText(why, 600),
  ]);
  const body = rows.length === 0 ? html`<p>none was made</p>` : table(['verdict', 'check', 'why'], rows);
  return section('checks', 'Checks', body);
}

export function faultsSection(record: RunRecord): Html {
  const rows = faultsTold(record);
  if (rows.length === 0) return NOTHING;
  return section('faults', 'Faults on purpose', html`<ul>${rows.map((row) => html`<li>${row}</li>`)}</ul>`);
}

export function capturesSection(record: RunRecord): Html {
  const rows = capturesTold(record);
  if (rows.length === 0) return NOTHING;
  return section('captured', 'Captured', html`<ul>${rows.map((row) => html`<li>${row}</li>`)}</ul>`);
}

export function leftBehindSection(record: RunRecord): Html {
  const rows = leftBehind(record);
  if (rows.length === 0) return NOTHING;
  const note = html`<p class="note">What hosts had after a migration, and not before the container.</p>`;
  return section(
    'left-behind',
    'Left behind',
    html`${note}<ul>${rows.map((row) => html`<li>${row}</li>`)}</ul>`,
  );
}

export function migrationsSection(record: RunRecord): Html {
  const rows = record.migrations.slice(0, ROWS_AT_MOST).map((migration) => {
    const { number, warmUp, source, destination, outcome, frozenWindow, downtime } = migration;
    const known = <T>(value: T | { unknown: string }, text: (value: T) => string): Html =>
      isUnknown(value) ? html`<abbr title="${value.unknown}">unknown</abbr>` : html`${text(value as T)}`;
    return [
      `${number}${warmUp ? ' (warm-up)' : ''}`,
      `${safeText(source, 24)} → ${safeText(destination, 24)}`,
      outcome.state === 'failed' ? html`<span class="fail">✗ failed at ${outcome.phase}</span>` : 'completed',
      known(frozenWindow, ({ window }) => boundedMs(window)),
      known(downtime, downtimeMs),
      count(lostOf(migration)),
      known(migration.longestLatencyMs, exactMs),
      known(migration.recoveryMs, exactMs),
      inTimeline(number),
    ];
  });
  const names = [
    'number',
    'hosts',
    'outcome',
    'frozen window',
    'downtime',
    'lost',
    'longest latency',
    'recovery',
    '',
  ];
  const left = record.migrations.length - rows.length;
  const more = left > 0 ? html`<p>and ${count(left)} more; all of them stand in record.json</p>` : NOTHING;
  const body = rows.length === 0 ? html`<p>none was begun</p>` : html`${table(names, rows)}${more}`;
  return section('migrations', 'Every migration', body);
}

export function clientSection(record: RunRecord): Html {
  const facts = clientFacts(record).filter(([, text]) => text !== '');
  return section('client', 'What the client saw', definitions(facts));
}

export function criuSection(record: RunRecord): Html {
  const rows = criuRows(record);
  const notes = criuNotes(record).map((note) => html`<p class="note">${note}</p>`);
  const body =
    rows.length === 0 ? html`<p>${NO_STATS}</p>` : html`${table(CRIU_COLUMNS, rows, 'lrrrlr')}${notes}`;
  return section(
    'criu',
    'CRIU’s own figures',
    html`<p class="note">From stats-dump and stats-restore, warm-up left out.</p>${body}`,
  );
}

/** Nothing for a strategy without pre-dumps. */
export function preDumpsSection(record: RunRecord): Html {
  const rows = preDumpRows(record);
  if (rows.length === 0) return NOTHING;
  return section(
    'pre-dumps',
    'Pre-dumps',
    html`<p class="note">${PRE_DUMP_NOTE}</p>${table(PRE_DUMP_COLUMNS, rows, 'lrrrrr')}`,
  );
}

export function environmentSection(record: RunRecord, goesOn = false): Html {
  const { head, tail } = record;
  const { scenario } = head;
  const facts: [string, string][] = [
    ['run', safeText(head.id, 80)],
    ['Thaw', safeText(head.thaw, 40)],
    ['begun', safeText(head.startedAt, 40)],
    [
      'ended',
      tail === null
        ? goesOn
          ? 'not yet'
          : 'unknown (it was killed)'
        : `${tail.state}${tail.reason === null ? '' : `: ${safeText(tail.reason, 400)}`}`,
    ],
    ['seed', String(scenario.seed)],
    ['scenario', safeText(head.scenarioFile, 200)],
  ];
  const adapted = head.adaptations.map(
    ({ what, why }) => html`<li>${safeText(what, 300)}: ${safeText(why, 400)}</li>`,
  );
  return section(
    'environment',
    'Environment',
    html`${hostTable(record)}${definitions(facts)}
${adapted.length === 0 ? NOTHING : html`<h3>Chosen because of this machine</h3><ul>${adapted}</ul>`}
<details><summary>The scenario, with every default decided</summary><pre tabindex="0">${preformatted(JSON.stringify(scenario, null, 1), 400, SCENARIO_LINES_AT_MOST)}</pre></details>`,
  );
}

/** A column for each host, so that a version skew is seen. */
function hostTable(record: RunRecord): Html {
  const { hosts } = record.head;
  if (hosts.length === 0) return html`<p>hosts unknown (none was brought up)</p>`;
  const clocks = worstClocks(record);
  const clockOf = ({ name }: HostFacts): string => {
    const ms = clocks.get(name);
    if (ms !== undefined) return `its own, known at worst to ±${exactMs(ms)}`;
    return record.head.scenario.testbed.kind === 'netns' ? 'the controller’s' : 'unknown';
  };
  const facts: [string, (host: HostFacts) => string][] = [
    ['runtime', ({ toolchain }) => safeText(runtimeText(toolchain), 80)],
    ['CRIU', ({ toolchain }) => safeText(toolchain.criu, 80)],
    ['toolchain', ({ toolchain }) => safeText(toolchain.name, 120)],
    ['because', ({ toolchain }) => safeText(toolchain.because, 300)],
    ['digest', ({ toolchain }) => safeText(toolchain.digest ?? 'none', 80)],
    ['kernel', ({ kernel, architecture }) => `${safeText(kernel, 80)} ${safeText(architecture, 20)}`],
    ['distribution', ({ distribution }) => safeText(distribution, 80)],
    ['cgroup', ({ cgroup }) => cgroup],
    ['clock', clockOf],
    ['packages', ({ packages }) => (packages ?? ['unknown']).map((line) => safeText(line, 80)).join('; ')],
    [
      'missing',
      ({ missingCapabilities: names }) => names.map((name) => safeText(name, 40)).join(', ') || 'nothing',
    ],
  ];
  const rows = facts.map(([name, text]) => [html`<strong>${name}</strong>`, ...hosts.map(text)]);
  return table(['', ...hosts.map(({ name }) => safeText(name, 40))], rows);
}

export function downloadsSection(record: RunRecord): Html {
  const button = (what: string, text: string) =>
    html`<button type="button" data-download="${what}">${text}</button>`;
  return section(
    'downloads',
    'Downloads',
    html`<p class="note">What this page carries; the raw files lie in the run directory.</p>${droppedLogs(record).map((text) => html`<p class="note">${text}</p>`)}<div class="controls">${button('requests', 'requests (CSV)')}${button('measurements', 'measurements (CSV)')}${button('outcomes', 'outcomes (CSV)')}</div>`,
  );
}
