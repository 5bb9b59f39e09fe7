/** A bisection for a terminal; pure: the same result gives the same text. */
import type { BisectResult, BisectState, Evidence, JudgedVersion } from '../../analysis/bisect/result.ts';
import { counted } from '../numbers.ts';
import { shellWord } from '../sections/next.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { columnsOf, hang, headlined, safeText, table } from '../text.ts';
import { countsText, sureText } from './words.ts';

/** `where`: the directory of the bisection, as the user would write it. */
export function renderBisect(result: BisectResult, style: Style & { where: string }): string {
  const sections = [
    headline(result, style),
    wrongEnd(result, style),
    suspects(result, style),
    sides(result, style),
    versions(result, style),
    again(result, style),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const WORDS: Record<BisectState, string | null> = {
  found: null,
  skips: 'LEFT OPEN BY SKIPS',
  runs: 'NOT SURE ENOUGH',
  end: 'AN END IS NOT AS SAID',
  going: 'NOT AT ITS END',
};

function headline(result: BisectResult, style: Style): string[] {
  const { state, direction, suspects, range, name, versions, tried, runs, seconds } = result;
  const paint = paintOf(style);
  const colour = state === 'found' ? paint.green : paint.yellow;
  const first = direction === 'first-bad' ? 'FIRST BAD' : 'FIRST FIXED';
  const [only] = suspects;
  const what =
    state === 'found' && only !== undefined ? titleOf(only) : `of ${name}, the ${first.toLowerCase()}`;
  const sure = range === null ? [] : hang('  ', sureText(result), style.width);
  return [
    ...headlined(WORDS[state] ?? first, safeText(what, 300), style.width, (word) => colour(paint.bold(word))),
    ...sure,
    ...hang(
      '  ',
      `${safeText(name, 60)}: ${tried.length} of ${counted(versions, 'version')} looked at, ${counted(runs, 'run')} in ${seconds} s`,
      style.width,
    ),
  ];
}

const ENDS: Record<string, string> = {
  passes: 'it passes here as well',
  fails: 'it fails here as well',
  'cannot tell': 'it cannot be run here, or its runs cannot tell',
};

function wrongEnd({ end, good, bad }: BisectResult, style: Style): string[] {
  if (end === null) return [];
  const { version, why } = end;
  const said = version.name === good ? '--good' : version.name === bad ? '--bad' : 'an end';
  const last = version.trials.at(-1);
  return [
    ...hang('  ', `${said} ${safeText(titleOf(version), 200)}: ${ENDS[why]}`, style.width),
    ...hang('    ', `${countsText(version)}: ${safeText(last?.because ?? '', 400)}`, style.width),
  ];
}

/** Where it is not one version: those that it may be. */
function suspects({ state, suspects: all }: BisectResult, style: Style): string[] {
  if (state === 'found' || all.length === 0) return [];
  const shown = all.slice(0, MOST_SUSPECTS);
  const left = all.length - shown.length;
  return [
    heading(style, 'It is one of these', `${all.length} versions`),
    ...shown.flatMap((one) => hang('  ', safeText(titleOf(one), 200), style.width)),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

const MOST_SUSPECTS = 20;

function sides(result: BisectResult, style: Style & { where: string }): string[] {
  const { before, after, direction } = result;
  const failsAfter = direction === 'first-bad';
  const shown = [
    ...(before === null ? [] : side(failsAfter ? 'passes' : 'fails', 'last', before, style)),
    ...(after === null ? [] : side(failsAfter ? 'fails' : 'passes', 'first', after, style)),
  ];
  return shown.length === 0 ? [] : [heading(style, 'Both sides'), ...shown];
}

function side(
  how: 'passes' | 'fails',
  place: 'first' | 'last',
  { version, trial }: Evidence,
  style: Style & { where: string },
): string[] {
  const paint = paintOf(style);
  const mark = how === 'passes' ? paint.green('✓') : paint.red('✗');
  const said = [
    // A version without a subject has it in its title.
    ...(trial.software === null || version.subject === null ? [] : [trial.software]),
    trial.because,
    ...(trial.cause === null ? [] : [`cause: ${trial.cause}`]),
  ];
  return [
    `  ${mark} ${hang('', `${place} that ${how}: ${safeText(titleOf(version), 200)}`, style.width - 4).join('\n    ')}`,
    ...said.flatMap((text) => hang('      ', safeText(text, 300), style.width)),
    ...(trial.run === null ? [] : [`      ${runPath(style.where, trial.run)}`]),
  ];
}

/** A path is never cut: it is there to be copied. */
function runPath(where: string, run: string): string {
  return safeText(`${where}/${run}`, Number.POSITIVE_INFINITY);
}

function versions({ tried }: BisectResult, style: Style): string[] {
  if (tried.length === 0) return [];
  const heads = tried.map((one) => [String(one.index), safeText(one.name, 30), countsText(one)]);
  const taken = Math.max(...heads.map((cells) => columnsOf(cells.join('   '))));
  const rows = tried.map(({ subject, software }, i) => [
    ...(heads[i] ?? []),
    safeText(subject ?? software ?? '', Math.max(10, style.width - taken - 12)),
  ]);
  const lines = table(rows, 'rlll', style.width).flatMap((line, i) => [line, ...why(tried[i], style)]);
  return [heading(style, 'Versions', 'that were looked at, oldest first, by their place'), ...lines];
}

/** Of a version that could not be run, the first line of why. */
function why(version: JudgedVersion | undefined, style: Style): string[] {
  const silent = version?.trials.find(({ state }) => state === 'unbuildable' || state === 'unknown');
  if (silent === undefined) return [];
  const log = silent.log === null ? [] : [`      ${safeText(silent.log, Number.POSITIVE_INFINITY)}`];
  const [first = ''] = silent.because.split('\n');
  return [...hang('      ', safeText(first, 300), style.width), ...log];
}

function again(result: BisectResult, { where }: { where: string }): string[] {
  const { before, after, state, command } = result;
  const runs = [before, after].flatMap((one) => one?.trial.run ?? []);
  const word = (path: string): string => shellWord(safeText(path, Number.POSITIVE_INFINITY));
  const whole = command.map((one) => word(one)).join(' ');
  return [
    'Again',
    ...runs.map((run) => `  sudo npx thaw repro ${word(runPath(where, run))}`),
    ...(state === 'going' ? [`  sudo npx thaw bisect --resume ${word(where)}`] : []),
    `  sudo npx thaw ${whole}`,
  ];
}

/** A commit with its subject. */
function titleOf({ name, subject, merge, software }: JudgedVersion): string {
  if (subject === null) return software === null ? name : `${name} (${software})`;
  return `${name} ${subject}${merge ? ' (a merge: one step here)' : ''}`;
}
