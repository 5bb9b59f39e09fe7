/** Times `thaw explain` of a large log, the reading alone and the whole built program: `npx tsx bench/scan.ts [MB]`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvidence } from '../harness/diagnosis/read.ts';

const LINE = '(00.000001) page-xfer: Transferred 16 pages of the range that begins at 7ffc0000\n';
const ERROR = "(00.000001) Error (criu/sk-inet.c:1059): inet: Can't bind inet socket (id 8): In use\n";
const ROUNDS = 5;
const THAW = join(import.meta.dirname, '../dist/main.js');

const bytes = Number(process.argv[2] ?? 50) * 1e6;
const LOGS: readonly { name: string; text: string }[] = [
  { name: 'one error', text: `${filled(LINE, bytes)}${ERROR}` },
  { name: 'every line an error', text: filled(ERROR, bytes) },
  { name: 'every line an error of a place of its own', text: manyPlaces(bytes) },
  { name: 'every line an error, of a runtime', text: filled('level=error msg="criu failed"\n', bytes) },
];

const directory = mkdtempSync(join(tmpdir(), 'thaw-bench-'));
try {
  for (const { name, text } of LOGS) console.log(timed(name, text));
} finally {
  rmSync(directory, { recursive: true });
}

function timed(name: string, text: string): string {
  const path = join(directory, 'log');
  writeFileSync(path, text);
  let kept = 0;
  const reading = rounds(() => {
    kept = readEvidence(path, 'dump.log')?.errors.length ?? 0;
  });
  const whole = rounds(() => execFileSync(process.execPath, [THAW, 'explain', path]));
  return `${(bytes / 1e6).toFixed(0)} MB, ${name}: ${reading}, with the program's start ${whole}; ${kept} lines kept`;
}

/** The median and the range. */
function rounds(action: () => void): string {
  const durations = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    action();
    return performance.now() - began;
  }).sort((a, b) => a - b);
  const [least = 0, , median = 0, , most = 0] = durations.map(Math.round);
  return `${median} ms (${least}–${most})`;
}

function filled(line: string, size: number): string {
  return line.repeat(Math.ceil(size / line.length));
}

function manyPlaces(size: number): string {
  const lines = Array.from({ length: 10_000 }, (_, i) => ERROR.replace('1059', String(i)));
  return filled(lines.join(''), size);
}
