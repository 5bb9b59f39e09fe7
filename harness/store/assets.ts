/** The script and the style of the page, from beside the sources or in the package: the same files in both. */
import { readFileSync } from 'node:fs';
import { bundle, CLIENT_MODULES, LIVE_MODULES } from '../report/html/bundle.ts';
import type { PageAssets } from '../report/html/page.ts';

export function pageAssets(): PageAssets {
  return assetsOf(CLIENT_MODULES);
}

export function livePageAssets(): PageAssets {
  return assetsOf(LIVE_MODULES);
}

/** Of the index of runs; pages without a script take the style of it. */
export function indexAssets(): PageAssets {
  return assetsOf(['index.js']);
}

function assetsOf(modules: readonly string[]): PageAssets {
  const read = (name: string): string =>
    readFileSync(new URL(`../report/html/client/${name}`, import.meta.url), 'utf8');
  return {
    script: bundle(modules.map(read)),
    style: read('page.css').replaceAll('\r\n', '\n'),
  };
}
