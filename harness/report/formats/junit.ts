/** What all files of JUnit XML share: counts, properties, and files beside a case. */
import { element, escapeXml } from './xml.ts';

export interface Tally {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
  /** Seconds. */
  time?: string;
}

/** `suites`: text of test suites. Jenkins' schema knows no `skipped` of all suites together. */
export function junitFile(name: string, { skipped: _, ...tally }: Tally, suites: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name, ...tally }, ['\n', ...suites])}\n`;
}

export function properties(values: Readonly<Record<string, string>>): string {
  const each = Object.entries(values).map(([name, value]) => `${element('property', { name, value })}\n`);
  return `${element('properties', {}, ['\n', ...each])}\n`;
}

/** What a case said, and its files, as Jenkins (with its plugin for attachments) and GitLab find them; nothing: none. */
export function output(said: string, files: readonly string[]): string[] {
  const lines = [...(said === '' ? [] : [said]), ...files.map((file) => `[[ATTACHMENT|${file}]]`)];
  return lines.length === 0 ? [] : [element('system-out', {}, [lines.map(escapeXml).join('\n')])];
}
