/** What a failing scenario can do without, for a terminal. */
import type { Style } from '../style.ts';
import { hang, safeText } from '../text.ts';

export interface MinimisedView {
  symptoms: readonly string[];
  tried: readonly { what: string; fails: boolean }[];
  complete: boolean;
  /** The file that it was written to. */
  file: string;
}

export function renderMinimised({ symptoms, tried, complete, file }: MinimisedView, style: Style): string {
  const gone = tried.filter(({ fails }) => fails);
  const needed = tried.filter(({ fails }) => !fails);
  const list = (label: string, all: typeof gone): string[] =>
    all.flatMap(({ what }) => hang(`  ${label} `, safeText(what, 200), style.width));
  const end = complete ? 'nothing more can go' : 'interrupted: more may be able to go';
  return `${[
    ...hang('it fails: ', symptoms.map((one) => safeText(one, 300)).join('; '), style.width),
    ...list('as before:', gone),
    ...list('otherwise:', needed),
    end,
    `written to ${file}`,
    `next: thaw run ${file}`,
  ].join('\n')}\n`;
}
