/** One scenario of a comparison: its sides, the changes, every migration, what failed, and where it ran. */
import type { Cell, Comparison, Side } from '../../../analysis/compare/comparison.ts';
import type { Runs } from '../../../analysis/compare/pairs.ts';
import { failedOn } from '../../../diagnosis/words.ts';
import type { HostFacts, RunRecord } from '../../../model.ts';
import { runtimeText } from '../../../runtime/commands.ts';
import { percent, percentInterval, pValue, VERDICT_MARKS } from '../../comparison/words.ts';
import { labelOf } from '../../measurements.ts';
import { count, counted } from '../../numbers.ts';
import { safeText } from '../../text.ts';
import { type Html, html, NOTHING, type Value } from '../markup.ts';
import { section, table } from '../parts.ts';
import { dotsOf } from './dots.ts';
import { forestPlot } from './forest.ts';
import { changeWords, groupTexts, LOOKS } from './words.ts';

export function cellSection(cell: Cell, runs: Runs, where: { comparison: Comparison; id: string }): Html {
  const { comparison, id } = where;
  const { scenario, verdict, measurements, notes } = cell;
  const compared = measurements.length > 0;
  return section(
    id,
    safeText(scenario, 120),
    html`<p class="${LOOKS[verdict]}"><strong><span aria-hidden="true">${VERDICT_MARKS[verdict]}</span> ${verdict}</strong></p>
${sides(cell)}${differences(cell, id)}${notes.length === 0 ? NOTHING : html`<ul>${notes.map((note) => html`<li>Mind: ${safeText(note, 400)}</li>`)}</ul>`}
${compared ? html`<h3>Changes</h3><p class="note">Square: called. Ring: no difference shown, or unknown. The band is what is too small to count. Whiskers: 95 % interval; an arrow: it goes on.</p>${forestPlot(cell, comparison.threshold)}${figures(cell)}` : html`<p>unknown: ${safeText(cell.failures.why, 400)}</p>`}
${why(cell)}${compared ? html`<h3>Every migration</h3><p class="note">A dot is one measured migration. Box: quartiles. Line: median. Bar above: 95 % interval of the median. Both sides on one scale.</p><div class="cards">${measurements.map((one) => dotsOf(one, runs))}</div>` : NOTHING}
${failed(cell, runs)}${environment(runs)}`,
  );
}

function sides({ base, candidate, failures }: Cell): Html {
  const place = (name: string, { runs, toolchains, warmUps }: Side, migrations: number): Html =>
    html`<div class="place"><h3>${name}</h3><p>${toolchains.map((one) => safeText(one, 300)).join(' | ') || 'no run'}<br>${counted(migrations, 'measured migration')} of ${count(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}${warmUps === 0 ? '' : `, ${count(warmUps)} warm-ups left out`}</p>
<details><summary>runs</summary><ul>${runs.map((run) => html`<li><code>${safeText(run, 80)}</code></li>`)}</ul></details></div>`;
  return html`<div class="plan">${place('base', base, failures.base.migrations)}<div class="arrow" aria-hidden="true">→</div>${place('candidate', candidate, failures.candidate.migrations)}</div>`;
}

function differences({ differences }: Cell, id: string): Html {
  if (differences.length === 0) return NOTHING;
  const said = (values: readonly string[]): string => values.map((value) => safeText(value, 300)).join(' | ');
  const rows = differences.map(({ what, base, candidate }) => [
    safeText(what, 80),
    said(base),
    said(candidate),
  ]);
  return html`<h3 class="unknown" id="differences-${id.replace('cell-', '')}">! Different environments</h3>${table(['what', 'base', 'candidate'], rows)}`;
}

/** The same as the drawing, and the medians of both sides. */
function figures({ measurements, failures }: Cell): Html {
  const rows: Value[][] = measurements.map((one) => {
    const { base, candidate } = groupTexts(one);
    const side = ({ median, interval, n }: typeof base): Html =>
      html`${median}<br><small>${interval === '' ? '' : `${interval}; `}n ${n}</small>`;
    return [
      labelOf(one.measurement),
      side(base),
      side(candidate),
      html`${changeWords(one)}<br><small>${percentInterval(one.change) || '-'}</small>`,
      percent(one.changeByRuns).replace('+', 'up to ') || '-',
      pValue(one.pAdjusted),
      html`<span class="${LOOKS[one.verdict]}"><span aria-hidden="true">${VERDICT_MARKS[one.verdict]}</span> ${one.verdict}</span>`,
    ];
  });
  const share = ({ failed, migrations }: typeof failures.base): string =>
    `${count(failed)} of ${count(migrations)}`;
  const last: Value[] = [
    'failed migrations',
    share(failures.base),
    share(failures.candidate),
    percent(failures.change) || (failures.candidate.failed > 0 ? 'from none' : '-'),
    '-',
    pValue(failures.pAdjusted),
    html`<span class="${LOOKS[failures.verdict]}"><span aria-hidden="true">${VERDICT_MARKS[failures.verdict]}</span> ${failures.verdict}</span>`,
  ];
  const names = ['', 'base', 'candidate', 'change, 95 %', 'runs explain', 'p', 'verdict'];
  return table(names, [...rows, last], 'lrrrrrl');
}

/** Reasons of what was not called, once for all that share one. */
function why({ measurements, failures }: Cell): Html {
  const told = [...measurements, failures].filter(({ verdict }) => verdict === 'unknown');
  const reasons = [...new Set(told.map((one) => one.why))];
  const strata = measurements.filter((one) => one.strata > 1).map(({ measurement }) => labelOf(measurement));
  const alike =
    strata.length === 0
      ? NOTHING
      : html`<p class="note">Quick and slow freezings compared each with their like: ${strata.join(', ')}.</p>`;
  return html`${reasons.map((reason) => html`<p class="unknown">unknown: ${safeText(reason, 400)}</p>`)}${alike}`;
}

const CAUSES_AT_MOST = 30;

/** Counted by phase and cause, on both sides. */
function failed({ failures }: Cell, runs: Runs): Html {
  if (failures.base.failed + failures.candidate.failed === 0) return NOTHING;
  const [base, candidate] = [causesOf(runs.base), causesOf(runs.candidate)];
  const causes = [...new Set([...base.keys(), ...candidate.keys()])];
  const rows = causes
    .slice(0, CAUSES_AT_MOST)
    .map((cause) => [safeText(cause, 400), count(base.get(cause) ?? 0), count(candidate.get(cause) ?? 0)]);
  const left = causes.length - rows.length;
  return html`<h3>Failed migrations</h3>${table(['why', 'base', 'candidate'], rows, 'lrr')}${left > 0 ? html`<p>and ${counted(left, 'more reason')}</p>` : NOTHING}`;
}

function causesOf(records: readonly RunRecord[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const { warmUp, outcome, diagnosis, source, destination } of records.flatMap(
    ({ migrations }) => migrations,
  )) {
    if (warmUp || outcome.state !== 'failed') continue;
    const on = failedOn({ outcome, source, destination });
    const cause = `${outcome.phase} failed on ${on}: ${diagnosis?.cause ?? 'no reason is known'}`;
    counted.set(cause, (counted.get(cause) ?? 0) + 1);
  }
  return counted;
}

const FACTS: [string, (host: HostFacts) => string][] = [
  ['runtime', ({ toolchain }) => runtimeText(toolchain)],
  ['CRIU', ({ toolchain }) => toolchain.criu],
  ['toolchain', ({ toolchain }) => toolchain.name],
  ['kernel', ({ kernel, architecture }) => `${kernel} ${architecture}`],
  ['distribution', ({ distribution }) => distribution],
  ['processors', ({ cpu }) => cpu],
  ['cgroup', ({ cgroup }) => cgroup],
];

/** Each value once over all hosts and runs of a side. */
function environment({ base, candidate }: Runs): Html {
  const row = (name: string, valuesOf: (record: RunRecord) => string[]): Value[] => {
    const told = (records: readonly RunRecord[]): string =>
      [...new Set(records.flatMap(valuesOf))].map((value) => safeText(value, 120)).join(' | ') || 'unknown';
    const [a, b] = [told(base), told(candidate)];
    return [name, a, a === b ? 'the same' : html`<strong>≠ ${b}</strong>`];
  };
  const rows = [
    ...FACTS.map(([name, fact]) => row(name, ({ head }) => head.hosts.map(fact))),
    row('Thaw', ({ head }) => [head.thaw]),
  ];
  return html`<h3>Environment</h3>${table(['', 'base', 'candidate'], rows)}`;
}
