/** The page's script: its modules as one, since a page from a file cannot import another. */

const REPORT_MODULES = [
  'scale.js',
  'range.js',
  'samples.js',
  'frame.js',
  'pixels.js',
  'draw.js',
  'words.js',
  'hands.js',
  'timeline.js',
  'downloads.js',
  'report.js',
] as const;

/** The modules in `client/`, each after those that it imports. */
export const CLIENT_MODULES = [...REPORT_MODULES, 'main.js'] as const;

/** Those of a page that its server tells what is new. */
export const LIVE_MODULES = [...REPORT_MODULES, 'live.js', 'live-main.js'] as const;

/** Takes imports and the word `export` away, so that all modules share one scope: names must differ. */
export function bundle(modules: readonly string[]): string {
  const joined = modules
    .map((text) =>
      text
        .replaceAll('\r\n', '\n')
        .replaceAll(/^import [^;]*;\n/gm, '')
        .replaceAll(/^export /gm, ''),
    )
    .join('\n');
  // The end of a script is found before its text is read as a program.
  if (/<\/script|<!--/i.test(joined)) throw new Error('the script of the page would end itself');
  return `(() => {\n'use strict';\n${joined}})();\n`;
}
