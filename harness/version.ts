/** The version of Thaw. */
import { readFileSync } from 'node:fs';

/** One level up from here lies package.json, in the sources (harness) and in the package (dist) alike. */
export function thawVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
