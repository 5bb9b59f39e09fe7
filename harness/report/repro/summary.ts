/** Whether a run failed again, for a terminal; pure: the same result gives the same text. */
import type { Again, Rate, ReproResult, ReproState } from '../../analysis/repro/result.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { hang, headlined, safeText, table } from '../text.ts';

const WORDS: Record<ReproState, string> = {
  reproduced: 'REPRODUCED',
  other: 'ANOTHER FAILURE',
  passed: 'NOT REPRODUCED',
  unknown: 'UNKNOWN',
};

export function renderRepro(result: ReproResult, style: Style): string {
  const sections = [
    headline(result, style),
    rates(result, style),
    runs(result, style),
    different(result, style),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline({ run, symptoms, state }: ReproResult, style: Style): string[] {
  const paint = paintOf(style);
  const colour = { reproduced: paint.green, other: paint.red, passed: paint.red, unknown: paint.yellow }[
    state
  ];
  const was = symptoms.length === 0 ? 'it had passed' : symptoms.map((one) => safeText(one, 300)).join('; ');
  return headlined(WORDS[state], `${safeText(run, 200)}: ${was}`, style.width, (word) =>
    colour(paint.bold(word)),
  );
}

function rates({ runs, migrations, symptoms, stoppedAtFirst, wanted }: ReproResult, style: Style): string[] {
  const how = symptoms.length === 0 ? 'failed' : 'failed in this way';
  const lines = [rateLine('runs', runs, how), rateLine('migrations', migrations, how)];
  const stopped = stoppedAtFirst && runs.failed > 0 && runs.of < wanted;
  const why = 'ended at the first failure, so the rates are too high rather than too low';
  return [
    heading(style, 'How often', "shares with Wilson's 95 % interval"),
    ...lines,
    ...(stopped ? hang('  ', why, style.width) : []),
  ];
}

function rateLine(what: string, { of, failed, share }: Rate, how: string): string {
  if (share === null) return `  ${what.padEnd(11)} none that tells`;
  const [low, high] = share.map((one) => `${(one * 100).toFixed(1)} %`);
  return `  ${what.padEnd(11)} ${failed} of ${of} ${how}: ${low} to ${high}`;
}

function runs({ again, symptoms }: ReproResult, style: Style): string[] {
  const rows = again.map((one, i) => [String(i + 1), one.state, safeText(one.run ?? 'could not begin', 200)]);
  const lines = table(rows, 'rll', style.width).flatMap((line, i) => [
    line,
    ...newsOf(again[i] as Again, symptoms).flatMap((text) =>
      hang('      ', safeText(text, 300), style.width),
    ),
  ]);
  return ['Runs', ...lines];
}

/** What is not known already. */
function newsOf({ error, symptoms: now }: Again, symptoms: readonly string[]): string[] {
  return [...now.filter((one) => !symptoms.includes(one)), ...(error === null ? [] : [error])];
}

function different({ differences }: ReproResult, style: Style): string[] {
  if (differences.length === 0) return [];
  const lines = differences.flatMap((one) => hang('  ', safeText(one, 300), style.width));
  return [heading(style, 'Not as it was', 'the hosts of then and now'), ...lines];
}
