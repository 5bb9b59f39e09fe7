/** Reports as files: into the run directory always, elsewhere where they are asked for. */
import { basename, dirname, extname, join } from 'node:path';
import type { RunRecord } from '../model.ts';
import type { PackedSamples } from '../report/html/columns.ts';
import { type Excerpts, NO_EXCERPTS } from '../report/html/excerpts.ts';
import { renderPage } from '../report/html/page.ts';
import { renderPicture } from '../report/html/picture.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { pageAssets } from './assets.ts';
import { replaceFile } from './disk.ts';
import { FILES } from './store.ts';

/** Files that are written besides those of the run directory. */
export interface AskedFor {
  html?: string | undefined;
  /** The picture lies beside it, with `.svg` for its ending. */
  markdown?: string | undefined;
  /** Made of more than the others: the observations and logs of each migration. */
  trace?: string | undefined;
}

/** Each file whole or not at all. EnvironmentError where one cannot be written. */
export function saveReports(
  directory: string,
  record: RunRecord,
  samples: PackedSamples,
  { html, markdown }: AskedFor = {},
  excerpts: Excerpts = NO_EXCERPTS,
): void {
  const page = renderPage(record, samples, pageAssets(), excerpts);
  replaceFile(join(directory, FILES.page), page);
  if (html !== undefined) replaceFile(html, page, 'give another file with --html FILE');
  if (markdown === undefined) return;
  const next = 'give another file with --markdown FILE';
  const picture = `${basename(markdown, extname(markdown))}.svg`;
  replaceFile(join(dirname(markdown), picture), renderPicture(record, samples), next);
  replaceFile(markdown, renderMarkdown(record, picture), next);
}
