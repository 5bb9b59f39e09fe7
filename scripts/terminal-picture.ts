/** What a terminal shows, with its colours → an SVG. Pure. */

const COLOURS: Record<string, string> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#f2cc60',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
};
const WIDTH = 8.4;
const HEIGHT = 18;

export function terminalPicture(text: string, linesAtMost: number): string {
  const lines = text.replaceAll('\r', '').split('\n').slice(0, linesAtMost);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const rows = lines.map((line, i) => row(line, i)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(82 * WIDTH)} ${lines.length * HEIGHT + 24}" role="img" aria-label="terminal with a run of Thaw">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#c9d1d9">
${rows}
</g>
</svg>
`;
}

/** One line: runs of the same style, each at its own column, so that no font shifts the rest. */
function row(line: string, index: number): string {
  const y = 24 + index * HEIGHT;
  let column = 0;
  let style = '';
  return line
    .split(/(\x1b\[[0-9;]*m)/)
    .map((part) => {
      const codes = /^\x1b\[([0-9;]*)m$/.exec(part)?.[1];
      if (codes !== undefined) {
        style = restyled(style, codes);
        return '';
      }
      const x = (1 + column) * WIDTH;
      column += [...part].length;
      return part === ''
        ? ''
        : `<text x="${x.toFixed(1)}" y="${y}" textLength="${([...part].length * WIDTH).toFixed(1)}"${style}>${escaped(part)}</text>`;
    })
    .join('');
}

function restyled(style: string, codes: string): string {
  return codes.split(';').reduce((now, code) => {
    if (code === '1') return `${now} font-weight="bold"`;
    if (code === '2') return `${now.replace(/ fill="[^"]*"/, '')} fill="#8b949e"`;
    const colour = COLOURS[code];
    if (colour !== undefined) return `${now.replace(/ fill="[^"]*"/, '')} fill="${colour}"`;
    if (code === '22') return now.replace(' font-weight="bold"', '').replace(' fill="#8b949e"', '');
    return code === '39' ? now.replace(/ fill="[^"]*"/, '') : '';
  }, style);
}

/** Spaces that no reader takes for one: what `xml:space` says, browsers no longer follow. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(' ', '\u00a0');
}
