/** From a page to the pages of the runs that it tells of. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { FILES } from './store.ts';

/** The page of a run, as a path from the file that links to it, with `/`; null where it has none. */
export function runPageFrom(file: string, runDirectory: string): string | null {
  const page = join(resolve(runDirectory), FILES.page);
  if (!existsSync(page)) return null;
  return relative(dirname(resolve(file)), page)
    .split(sep)
    .join('/');
}
