/** The text exposition format of Prometheus, version 0.0.4, as node_exporter's textfile collector reads it. */
import { safeText } from '../text.ts';

export interface Family {
  /** Of a-z, 0-9 and `_`, with the unit last. */
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'summary';
  series: Series[];
}

export interface Series {
  /** What a summary adds to its name. */
  suffix?: '_sum' | '_count';
  /** An empty one is the same as none, and left out. */
  labels: Record<string, string>;
  value: number;
}

/** A family without a value is left out, and no line has a time: the collector refuses files that have one. */
export function exposition(families: readonly Family[]): string {
  return families.map(familyOf).join('');
}

function familyOf({ name, help, type, series }: Family): string {
  if (series.length === 0) return '';
  const values = new Map<string, number>();
  for (const { suffix = '', labels, value } of series) {
    const key = `${name}${suffix}${labelsOf(labels)}`;
    const before = values.get(key);
    values.set(key, before === undefined ? value : merged(type, before, value));
  }
  const lines = [...values].map(([key, value]) => `${key} ${value}\n`);
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** A file in which the same labels come twice is refused as a whole. */
function merged(type: Family['type'], one: number, other: number): number {
  return type === 'counter' ? one + other : Math.max(one, other);
}

function labelsOf(labels: Record<string, string>): string {
  const given = Object.entries(labels).filter(([, value]) => value !== '');
  if (given.length === 0) return '';
  return `{${given.map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`).join(',')}}`;
}

function escaped(text: string): string {
  return text
    .split('\n')
    .map((line) => safeText(line, 200).replaceAll('\\', '\\\\'))
    .join('\\n');
}
