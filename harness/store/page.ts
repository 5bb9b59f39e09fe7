/** The HTML report of a run, as a file: the page's own script and style are read from beside its sources. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../model.ts';
import { bundle, CLIENT_MODULES } from '../report/html/bundle.ts';
import type { PackedSamples } from '../report/html/columns.ts';
import { type PageAssets, renderPage } from '../report/html/page.ts';
import { replaceFile } from './disk.ts';
import { FILES } from './store.ts';

/** Writes the page into its run directory, and to another file where one is named; each whole or not at all. */
export function savePage(
  directory: string,
  file: string | null,
  record: RunRecord,
  samples: PackedSamples,
): void {
  const page = renderPage(record, samples, pageAssets());
  replaceFile(join(directory, FILES.page), page);
  if (file !== null) replaceFile(file, page, 'give another file with --html FILE');
}

/** The same files in the sources and in the package, so the page is the same from both. */
export function pageAssets(): PageAssets {
  const read = (name: string): string =>
    readFileSync(new URL(`../report/html/client/${name}`, import.meta.url), 'utf8');
  return {
    script: bundle(CLIENT_MODULES.map(read)),
    style: read('page.css').replaceAll('\r\n', '\n'),
  };
}
