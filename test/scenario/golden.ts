import { readFileSync, writeFileSync } from 'node:fs';

export const repository = (path: string): URL => new URL(`../../${path}`, import.meta.url);

export function read(path: string): string {
  return readFileSync(repository(path), 'utf8');
}

/** The content of a golden file; written first where UPDATE_GOLDEN is set. */
export function golden(name: string, actual: string): string {
  const path = `test/golden/scenario/${name}`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(repository(path), actual);
  return read(path);
}
