/** Diagnoses for a terminal. */
import type { Diagnosis, Explanation } from '../model.ts';
import { paintOf, type Style } from './style.ts';
import { hang, safeText } from './text.ts';

const LONGEST = 600;

export function renderExplanations(explanations: readonly Explanation[], style: Style): string {
  if (explanations.length === 0) return 'nothing failed: no error is told\n';
  const paint = paintOf(style);
  return explanations
    .map(({ what, diagnosis }) => {
      const lines = diagnosis === null ? ['  no log tells why'] : diagnosisLines(diagnosis, style);
      return `${[paint.red(`✗ ${safeText(what, style.width - 2)}`), ...lines].join('\n')}\n`;
    })
    .join('\n');
}

/** Line, cause, what brings it about here, remedy, sources. */
export function diagnosisLines(diagnosis: Diagnosis, { width }: Style): string[] {
  const { failure, line, cause, here, remedy, sources, context } = diagnosis;
  const row = (label: string, text: string): string[] =>
    hang(`  ${label.padEnd(7)} `, safeText(text, LONGEST), width);
  const told = line === null ? [] : row('said', `${line.log}:${line.number}: ${line.text}`);
  return [
    ...row('known', failure ?? 'no: none of the known failures matches'),
    ...told,
    ...context.flatMap((text) => row('before', text)),
    ...row('cause', cause),
    ...here.flatMap((text) => row('here', text)),
    ...(remedy === null ? [] : row('do', remedy)),
    ...(sources.length === 0 ? [] : row('see', sources.join(', '))),
  ];
}
