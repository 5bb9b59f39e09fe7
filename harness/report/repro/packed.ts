/** What an archive of a run holds, and what was redacted in it, for a terminal. */
import { counted } from '../numbers.ts';
import type { Style } from '../style.ts';
import { hang, safeText } from '../text.ts';

export interface PackedView {
  files: readonly string[];
  leftOut: readonly { name: string; why: string }[];
  redacted: readonly { kind: string; values: number; replaced: number; example: string }[];
  unredacted: readonly string[];
  /** The archive. */
  file: string;
}

export function renderPacked(
  { file, files, leftOut, redacted, unredacted }: PackedView,
  style: Style,
): string {
  const rows = [
    ...redacted.map(
      ({ kind, values, replaced, example }) =>
        `redacted: ${kind}, ${values} different in ${replaced} places, as ${example}`,
    ),
    ...(redacted.length === 0 ? ['redacted: nothing was found'] : []),
    ...leftOut.map(({ name, why }) => `left out: ${safeText(name, 100)}, ${safeText(why, 100)}`),
  ];
  const memory = unredacted.map((name) => `NOT redacted: ${safeText(name, 100)}, memory of the container`);
  const end = 'it is found by patterns: look through the files before they go anywhere';
  return `${[
    ...[...rows, ...memory].flatMap((row) => hang('  ', row, style.width)),
    `${counted(files.length, 'file')} in ${file}`,
    ...hang('next: ', end, style.width),
  ].join('\n')}\n`;
}
