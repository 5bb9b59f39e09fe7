/** What `thaw report --index` made, for a terminal. */
import { count } from './numbers.ts';
import type { Style } from './style.ts';
import { hang, safeText } from './text.ts';

const UNREADABLE_AT_MOST = 20;

interface Indexed {
  file: string;
  runs: number;
  unreadable: readonly { directory: string; why: string }[];
}

export function renderIndexed({ file, runs, unreadable }: Indexed, style: Style): string {
  const shown = unreadable.slice(0, UNREADABLE_AT_MOST);
  const left = unreadable.length - shown.length;
  const lines = [
    ...hang('', `${count(runs)} ${runs === 1 ? 'run' : 'runs'} in ${safeText(file, 300)}`, style.width),
    ...(unreadable.length === 0 ? [] : [`${count(unreadable.length)} unreadable:`]),
    ...shown.flatMap(({ directory, why }) =>
      hang('  ? ', `${safeText(directory, 200)}: ${safeText(why, 300)}`, style.width),
    ),
    ...(left === 0 ? [] : [`  and ${count(left)} more; the page has all of them`]),
  ];
  return `${lines.join('\n')}\n`;
}
