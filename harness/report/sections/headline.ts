/** Verdict and the three numbers. */
import { verdictOf } from '../../analysis/checks.ts';
import { elapsedMs } from '../../analysis/parts.ts';
import type { Distribution, RunRecord } from '../../model.ts';
import { findDistribution, measured, reasonsOf } from '../measurements.ts';
import { counted, formatOf, longDuration } from '../numbers.ts';
import { inVerdictColour, paintOf, type Style } from '../style.ts';
import { hang, headlined, padRight, safeText, table } from '../text.ts';

const NO_REASON = 'it ended before it could say why';

export function headlineSection(record: RunRecord, style: Style): string[] {
  const paint = paintOf(style);
  const state = verdictOf(record);
  const dress = (word: string): string => inVerdictColour(paint, state, paint.bold(word));
  return [
    ...headlined(state.toUpperCase(), sentence(record), style.width, dress),
    '',
    ...numbers(record, style),
    '',
    ...meaning(record).flatMap(([name, text]) =>
      hang(`  ${padRight(name, 13)}   `, text, style.width).map(paint.dim),
    ),
  ];
}

/** What came out, in one sentence; of a run that goes on, what came out so far. */
export function sentence(record: RunRecord, goesOn = false): string {
  const name = safeText(record.head.scenario.name, 40);
  const all = measured(record);
  const completed = all.filter((migration) => migration.outcome.state === 'completed').length;
  const { count: wanted, forMs } = record.head.scenario.migration;
  const planned = forMs === null ? wanted : all.length;
  // It may have come to its number, or been broken off, long before its time was over.
  const byTime = record.outcome === 'completed' && all.length < wanted;
  const within = forMs === null ? '' : ` in ${longDuration(byTime ? forMs : elapsedMs(record.migrations))}`;
  const migrations = `${completed} of ${counted(planned, 'measured migration')} completed${within}`;
  const end = goesOn ? 'the run goes on, and all of this is so far' : ending(record);
  return [`${name}: ${migrations}`, checks(record), end].filter((part) => part !== '').join('; ');
}

function checks(record: RunRecord): string {
  const total = record.verdicts.length;
  const numberOf = (state: string) => record.verdicts.filter((verdict) => verdict.state === state).length;
  if (total === 0) return 'no check was made';
  if (numberOf('pass') === total) return total === 1 ? 'the check passed' : `all ${total} checks passed`;
  const parts = [
    [numberOf('fail'), 'failed'],
    [numberOf('unknown'), 'unknown'],
    [numberOf('pass'), 'passed'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, state]) => `${number} ${state}`);
  return `checks: ${said.join(', ')}`;
}

/** Why the run did not end as planned; a completed run has a reason where something could not be tidied up. */
function ending(record: RunRecord): string {
  const reason = record.tail?.reason?.trim().replaceAll(/\s*\n\s*/g, '; ') ?? '';
  const why = safeText(reason, 300);
  switch (record.outcome) {
    case 'completed':
      return why === '' ? '' : `afterwards: ${why}`;
    case 'failed':
      return `the run failed: ${why || NO_REASON}`;
    case 'skipped':
      return `the run was skipped: ${why || NO_REASON}`;
    case 'interrupted':
      return `the run was interrupted: ${why || NO_REASON}`;
  }
}

/** What stands in each column of `theThreeNumbers`. */
export const NUMBER_COLUMNS = ['', 'median', '95 % interval', 'range', 'runs', 'each value'];

/** Frozen window, downtime and lost requests: a row each, under `NUMBER_COLUMNS`; shorter where it is unknown. */
export function theThreeNumbers(record: RunRecord): string[][] {
  return [
    row('frozen window', findDistribution(record, 'frozen-window')),
    row('downtime', findDistribution(record, 'downtime')),
    row('lost requests', record.distributions.find((one) => one.unit === 'requests') ?? null),
  ];
}

function numbers(record: RunRecord, style: Style): string[] {
  const rows = [NUMBER_COLUMNS, ...theThreeNumbers(record)];
  const paint = paintOf(style);
  const lines = table(rows, 'lrrrrl', style.width);
  return lines.map((line, index) => (index === 0 ? paint.dim(line) : line));
}

function row(label: string, distribution: Distribution | null): string[] {
  if (distribution === null) return [label, 'unknown', '(not measured)'];
  const { median, medianCi95, min, max, values, unknown } = distribution;
  if (median === null || min === null || max === null) {
    return [label, 'unknown', `(${unknown.length > 0 ? 'see below' : 'nothing was measured'})`];
  }
  const { value, unit, each } = formatOf(distribution);
  return [
    label,
    `${value(median)} ${unit}`.trim(),
    medianCi95 === null ? '-' : `${value(medianCi95[0])} – ${value(medianCi95[1])}`,
    `${value(min)} – ${value(max)}`,
    unknown.length === 0 ? `${values.length}` : `${values.length} of ${values.length + unknown.length}`,
    each,
  ];
}

/** Why numbers are missing, for the ones that stand in the headline. */
export function unknownLines(distribution: Distribution, style: Style): string[] {
  return reasonsOf(distribution.unknown).flatMap((reason) => hang('    unknown: ', reason, style.width));
}

/** What the three numbers mean. */
export function meaning(record: RunRecord): [string, string][] {
  const { mode, ratePerSecond } = record.head.scenario.probe;
  const asked =
    mode === 'continuous' ? `, asked every ${Number((1000 / ratePerSecond).toPrecision(3))} ms` : '';
  return [
    ['frozen window', 'tasks stopped on the source … tasks running on the destination'],
    ['downtime', `source's last answer … destination's first${asked}`],
    ['lost requests', 'due during the migration, and never answered'],
  ];
}

/** Who asks how often, where the service is asked, and how it moves along which hosts. */
export function planOf({ head, tail }: RunRecord): { asks: string; place: string; moves: string } {
  const { service, probe, migration } = head.scenario;
  const route = [...migration.path, migration.path[0] ?? ''].map((host) => safeText(host, 24)).join(' → ');
  return {
    asks:
      probe.mode === 'continuous'
        ? `${counted(probe.ratePerSecond, 'request')} a second, through every migration`
        : 'between migrations only',
    place: `${safeText(tail?.probe?.resolved ?? service.address, 40)}, port ${service.port}`,
    moves: `moves with the container: ${migration.strategy.kind}, ${route}`,
  };
}
