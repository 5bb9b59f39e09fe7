/** The hosts of a testbed, one line each. */
import { inVerdictColour, MARKS, paintOf, type Style } from './style.ts';
import { columnsOf, hang, padRight, safeText } from './text.ts';

export interface HostLine {
  name: string;
  up: boolean;
  found: string;
}

export function renderHosts(hosts: readonly HostLine[], style: Style): string {
  if (hosts.length === 0) return 'No machine is up.\n';
  const paint = paintOf(style);
  const names = Math.max(...hosts.map(({ name }) => columnsOf(safeText(name, 24))));
  const lines = hosts.flatMap(({ name, up, found }) => {
    const state = up ? 'pass' : 'fail';
    const prefix = `  ${MARKS[state]} ${padRight(safeText(name, 24), names)}  `;
    const [first = '', ...rest] = hang(prefix, safeText(found, 400), style.width);
    return [`  ${inVerdictColour(paint, state, MARKS[state])}${first.slice(3)}`, ...rest];
  });
  return `${lines.join('\n')}\n`;
}
