/** A calibration for a terminal; pure. */
import type { Calibration, CalibrationRow, StopRow } from '../model.ts';
import { fixed, plusMinus } from './numbers.ts';
import { heading, inVerdictColour, MARKS, paintOf, type Style } from './style.ts';
import { hang, headlined, table } from './text.ts';

const HEADER = ['outage', 'connection', 'made', 'seen', 'error', 'least–most', 'n', ''];

/** `directory`: where it lies, as the user would write it. */
export function renderCalibration(calibration: Calibration, style: Style & { directory: string }): string {
  const { resolutionMs, allowedMs, rows, stops, verdict } = calibration;
  const paint = paintOf(style);
  const dress = (word: string): string => inVerdictColour(paint, verdict, paint.bold(word));
  const text = `the probe, asking every ${fixed(resolutionMs, 1)} ms, must see an outage to ${fixed(allowedMs, 1)} ms at the median; the heartbeat and the watch over the freezer must see a stop as it was`;
  const [head = '', ...lines] = table([HEADER, ...rows.map(columnsOf)], 'llrrrrrl', style.width);
  const [stopHead = '', ...stopLines] = table(
    [STOP_HEADER, ...stops.map(stopColumns)],
    'lrrrrrrl',
    style.width,
  );
  return `${[
    ...headlined(verdict.toUpperCase(), text, style.width, dress),
    '',
    heading(style, 'Outages', 'medians in ms'),
    paint.dim(head),
    ...lines,
    ...NOTES.flatMap((note) => hang('  ', note, style.width)),
    '',
    heading(style, 'Stops', 'as the container and its freezer tell them, medians in ms'),
    paint.dim(stopHead),
    ...stopLines,
    ...STOP_NOTES.flatMap((note) => hang('  ', note, style.width)),
    '',
    'Run directory',
    `  ${style.directory}`,
  ].join('\n')}\n`;
}

const NOTES = [
  'seen: the longest time between two answers in a row. error: what was seen less what was made, 0 within the times that its commands took.',
  'made: with half of what the times of the commands that made it leave open. Rows without a mark are not judged: on a kept connection TCP sends again after 200 ms and then twice as long each time, and only then does the client hear.',
];

const STOP_HEADER = ['how', 'made', 'heartbeat', 'error', 'freezer', 'error', 'n', ''];
const STOP_NOTES = [
  'stopped: by SIGSTOP, frozen: by the freezer of its cgroup. heartbeat: the pause that a process of the container noted, held to one of its periods and 1 ms. freezer: between its two changes, as the watch over a migration saw them, held to 1 ms.',
];

function stopColumns(row: StopRow): string[] {
  const ms = (value: number | null): string => (value === null ? 'unknown' : fixed(value, 1));
  const { windowMs, windowUncertaintyMs: open } = row;
  return [
    row.kind,
    `${ms(row.trueMs)} ${plusMinus(row.uncertaintyMs)}`,
    ms(row.heartbeatMs),
    ms(row.heartbeatErrorMs),
    ...(row.kind === 'stopped'
      ? ['', '']
      : [`${ms(windowMs)}${open === null ? '' : ` ${plusMinus(open)}`}`, ms(row.windowErrorMs)]),
    `${row.outages}`,
    MARKS[row.state],
  ];
}

function columnsOf(row: CalibrationRow): string[] {
  const { kind, connection, trueMs, seenMs, errorMs, leastErrorMs, mostErrorMs } = row;
  const ms = (value: number | null): string => (value === null ? 'unknown' : fixed(value, 1));
  return [
    kind,
    connection,
    `${ms(trueMs)} ${plusMinus(row.uncertaintyMs)}`,
    ms(seenMs),
    ms(errorMs),
    leastErrorMs === null ? '' : `${ms(leastErrorMs)}–${ms(mostErrorMs)}`,
    row.unseen === 0 ? `${row.outages}` : `${row.outages - row.unseen}/${row.outages}`,
    row.state === null ? '' : MARKS[row.state],
  ];
}
