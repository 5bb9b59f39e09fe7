/** A run while it goes on, as a few lines for a terminal of any width; pure. */
import type { HostName, Part } from '../model.ts';
import { count, counted } from './numbers.ts';
import { secondsOf } from './progress.ts';
import { type Paint, paintOf, type Style } from './style.ts';
import { columnsOf, cut, padRight, safeText } from './text.ts';

export interface LiveState {
  hosts: LiveHost[];
  /** Requests without an answer in each stretch of time, the newest last; as long as those of the hosts. */
  lost: readonly number[];
  bucketMs: number;
  now: { number: number; source: HostName; destination: HostName; part: Part } | null;
  /** `total` is null where a time ends the run, and not a number of migrations. */
  migrations: { finished: number; failed: number; total: number | null };
  requests: { answered: number; lost: number };
  elapsedMs: number;
  /** Until the last migration has ended, at the pace until now, or until the time is over; null: not known yet. */
  leftMs: number | null;
}

export interface LiveHost {
  name: HostName;
  /** Answered last. */
  serves: boolean;
  /** Answers in each stretch of time, the newest last. */
  answers: readonly number[];
}

const PARTS: Record<Part, string> = {
  arm: 'both ends get ready',
  'pre-dump': 'memory is dumped, the container runs',
  frozen: 'frozen: dump, handover, restore',
  'lazy-pages': 'runs, its memory follows',
  'clean-up': 'what it left is cleaned up',
};

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const NAME_AT_MOST = 16;

/** No line is wider than `style.width`; where that is narrow, the oldest part of the lanes goes first. */
export function renderLive(state: LiveState, style: Style): string[] {
  const paint = paintOf(style);
  const fitted = (text: string) => cut(text, style.width - 1);
  return [
    ...nowOf(state, style.width - 4).map((line) => fitted(`  ${line}`)),
    ...lanes(state, style, paint),
    ...joined(countsOf(state), style.width - 3).map((line) => paint.dim(fitted(`  ${line}`))),
  ];
}

/** In one line where there is room for it. */
function nowOf({ now, migrations }: LiveState, columns: number): string[] {
  if (now === null) {
    return [migrations.finished === migrations.total ? 'all migrations made' : 'between migrations'];
  }
  const hosts = `${safeText(now.source, NAME_AT_MOST)} → ${safeText(now.destination, NAME_AT_MOST)}`;
  const parts = [
    `${now.number}${migrations.total === null ? '' : `/${migrations.total}`} ${hosts}`,
    PARTS[now.part],
  ];
  const line = parts.join('  ');
  return columnsOf(line) <= columns ? [line] : parts;
}

function lanes({ hosts, lost, bucketMs, now }: LiveState, { width }: Style, paint: Paint): string[] {
  const most = Math.min(NAME_AT_MOST, Math.floor(width / 3));
  const names = [...hosts.map(({ name }) => safeText(name, most)), 'lost'];
  const nameColumns = Math.max(...names.map(columnsOf));
  const room = Math.max(1, Math.min(lost.length, width - nameColumns - 5));
  const newest = (values: readonly number[]) => values.slice(-room);
  const tallest = Math.max(1, ...hosts.flatMap(({ answers }) => newest(answers)));
  const label = (index: number) => padRight(names[index] ?? '', nameColumns);
  const rows = hosts.map(({ answers, serves }, index) => {
    const mark = serves && now?.part !== 'frozen' ? '▶' : ' ';
    const colour = index % 2 === 0 ? paint.cyan : paint.yellow;
    return `${mark} ${label(index)} ${colour(
      newest(answers)
        .map((n) => bar(n, tallest))
        .join(''),
    )}`;
  });
  const seconds = secondsOf(room * bucketMs);
  const losses = newest(lost)
    .map((n) => (n === 0 ? '·' : '×'))
    .join('');
  const axis = cut(`answers, last ${seconds}`, Math.max(1, width - nameColumns - 4));
  return [
    ...rows,
    `  ${label(hosts.length)} ${paint.red(losses)}`,
    paint.dim(`  ${' '.repeat(nameColumns)} ${axis}`),
  ];
}

/** Any answer is more than none. */
function bar(answers: number, most: number): string {
  if (answers === 0) return ' ';
  return BARS[Math.min(BARS.length - 1, Math.ceil((answers / most) * BARS.length) - 1)] ?? '█';
}

function countsOf({ migrations, requests, elapsedMs, leftMs }: LiveState): string[] {
  const { finished, failed, total } = migrations;
  return [
    total === null
      ? `${counted(finished - failed, 'migration')} done`
      : `${finished - failed} of ${counted(total, 'migration')} done`,
    `${failed} failed`,
    `${counted(requests.answered, 'answer')}`,
    `${count(requests.lost)} lost`,
    secondsOf(elapsedMs),
    leftMs === null ? 'end not known yet' : `about ${secondsOf(leftMs)} left`,
  ];
}

/** Parts with commas between them, in as many lines as they need. */
function joined(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(last) + 2 + columnsOf(part) < columns) {
      lines[lines.length - 1] = `${last}, ${part}`;
    } else lines.push(part);
  }
  return lines;
}
