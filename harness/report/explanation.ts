/** Diagnoses for a terminal. */
import type { Diagnosis, Explanation } from '../model.ts';
import { paintOf, type Style } from './style.ts';
import { hang, safeText } from './text.ts';

const LONGEST = 600;

export function renderExplanations(explanations: readonly Explanation[], style: Style): string {
  if (explanations.length === 0) return 'no error was found\n';
  const paint = paintOf(style);
  return explanations
    .map(({ what, diagnosis }) => {
      const lines =
        diagnosis === null
          ? ['  unknown: the logs are empty, or none was kept']
          : diagnosisLines(diagnosis, style);
      return `${[paint.red(`✗ ${safeText(what, style.width - 2)}`), ...lines].join('\n')}\n`;
    })
    .join('\n');
}

export function diagnosisLines(diagnosis: Diagnosis, { width }: Style): string[] {
  return diagnosisRows(diagnosis).flatMap(([label, text]) => hang(`  ${label.padEnd(7)} `, text, width));
}

/** Line, cause, what brings it about here, remedy, sources: labels and harmless text, for every kind of report. */
export function diagnosisRows(diagnosis: Diagnosis): [label: string, text: string][] {
  const { failure, line, cause, here, remedy, sources, context } = diagnosis;
  const rows: [string, string | null][] = [
    ['known', failure ?? 'none of the known failures matches'],
    ['said', line && `${line.log}:${line.number}: ${line.text}`],
    ...context.map((text): [string, string] => ['before', text]),
    ['cause', cause],
    ...here.map((text): [string, string] => ['here', text]),
    ['do', remedy],
    ['see', sources.join(', ') || null],
  ];
  return rows.flatMap(([label, text]) => (text === null ? [] : [[label, safeText(text, LONGEST)]]));
}
