/** A calibration for a terminal; pure. */
import type { Calibration, CalibrationRow } from '../model.ts';
import { fixed, plusMinus } from './numbers.ts';
import { heading, inVerdictColour, MARKS, paintOf, type Style } from './style.ts';
import { hang, headlined, table } from './text.ts';

const HEADER = ['outage', 'connection', 'made', 'seen', 'error', 'least–most', 'heartbeat', 'n', ''];

/** `directory`: where it lies, as the user would write it. */
export function renderCalibration(calibration: Calibration, style: Style & { directory: string }): string {
  const { resolutionMs, allowedMs, rows, verdict } = calibration;
  const paint = paintOf(style);
  const dress = (word: string): string => inVerdictColour(paint, verdict, paint.bold(word));
  const text = `the probe, asking every ${fixed(resolutionMs, 1)} ms, must see an outage to ${fixed(allowedMs, 1)} ms at the median`;
  const [head = '', ...lines] = table([HEADER, ...rows.map(columnsOf)], 'llrrrrrrl', style.width);
  return `${[
    ...headlined(verdict.toUpperCase(), text, style.width, dress),
    '',
    heading(style, 'Outages', 'medians in ms'),
    paint.dim(head),
    ...lines,
    ...NOTES.flatMap((note) => hang('  ', note, style.width)),
    '',
    'Run directory',
    `  ${style.directory}`,
  ].join('\n')}\n`;
}

const NOTES = [
  'seen: the longest time between two answers in a row. error: what was seen less what was made, 0 within the times that its commands took. heartbeat: error of the pause that it noted.',
  'made: with half of what the times of the commands that made it leave open. Rows without a mark are not judged: on a kept connection TCP sends again after 200 ms and then twice as long each time, and only then does the client hear.',
];

function columnsOf(row: CalibrationRow): string[] {
  const { kind, connection, trueMs, seenMs, errorMs, leastErrorMs, mostErrorMs, heartbeatErrorMs } = row;
  const ms = (value: number | null): string => (value === null ? 'unknown' : fixed(value, 1));
  return [
    kind,
    connection,
    `${ms(trueMs)} ${plusMinus(row.uncertaintyMs)}`,
    ms(seenMs),
    ms(errorMs),
    leastErrorMs === null ? '' : `${ms(leastErrorMs)}–${ms(mostErrorMs)}`,
    heartbeatErrorMs === null ? '' : ms(heartbeatErrorMs),
    row.unseen === 0 ? `${row.outages}` : `${row.outages - row.unseen}/${row.outages}`,
    row.state === null ? '' : MARKS[row.state],
  ];
}
