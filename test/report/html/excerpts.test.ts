import { expect, it } from 'vitest';
import { scanLog } from '../../../harness/diagnosis/scan.ts';
import type { LogEvidence, RawRun, RunRecord } from '../../../harness/model.ts';
import { excerptsOf } from '../../../harness/report/html/excerpts.ts';
import { failuresSection } from '../../../harness/report/html/sections/failures.ts';
import { failingRecord } from '../fixture.ts';
import { HOSTILE } from './fixture.ts';

const FAILED = failingRecord().migrations.find(({ outcome }) => outcome.state === 'failed');

/** All migrations of the record; each failed one left these logs. */
function leaving(record: RunRecord, evidence: LogEvidence[]): RawRun['migrations'] {
  return record.migrations.map((migration) => ({
    observation: migration as never,
    files: { evidence } as never,
  }));
}

function logOf(lines: string[], name = 'dump.log'): LogEvidence {
  return scanLog(name, [Buffer.from(`${lines.join('\n')}\n`, 'latin1')]);
}

const line = (n: number, text: string) => `(00.${String(n).padStart(6, '0')}) ${text}`;
const LOG = Array.from({ length: 300 }, (_, i) => {
  const n = i + 1;
  return line(n, n % 40 === 0 ? `Error (criu/file${n}.c:${n}): number ${n} failed` : `line ${n}`);
});

it('shows the first lines that tell of errors, each with the lines before, and counts the others', () => {
  const [excerpt] =
    excerptsOf(leaving(failingRecord(), [logOf(LOG)]), failingRecord()).get(FAILED?.number ?? 0) ?? [];
  expect(excerpt?.lines.filter(({ isError }) => isError).map(({ number }) => number)).toEqual([
    40, 80, 120, 160, 200,
  ]);
  expect(excerpt?.lines.slice(0, 4).map(({ number, text }) => [number, text])).toEqual([
    [37, LOG[36]],
    [38, LOG[37]],
    [39, LOG[38]],
    [40, LOG[39]],
  ]);
  expect(excerpt?.left).toBe(2);
});

it('shows the line that the diagnosis rests on, wherever it stands, and its log first', () => {
  const record = failingRecord();
  const told = { log: 'restore.log', number: 280, text: 'x', place: null };
  const migrations = record.migrations.map((one) => ({
    ...one,
    diagnosis: one.diagnosis && { ...one.diagnosis, line: told },
  }));
  const found = excerptsOf(leaving(record, [logOf(LOG), logOf(LOG, 'restore.log')]), {
    ...record,
    migrations,
  });
  const excerpts = found.get(FAILED?.number ?? 0) ?? [];
  expect(excerpts.map(({ log }) => log)).toEqual(['restore.log', 'dump.log']);
  expect(excerpts.map(({ lines }) => lines.some(({ number }) => number === 280))).toEqual([true, false]);
});

it('has each line once where errors follow each other, and nothing of a log that ended well', () => {
  const near = [line(1, 'a'), line(2, 'Error (a.c:1): b'), line(3, 'c'), line(4, 'Error (b.c:2): d')];
  const well = [...near, line(5, 'Dumping finished successfully')];
  const record = failingRecord();
  const found = excerptsOf(leaving(record, [logOf(near), logOf(well, 'pre-dump.log')]), record);
  const excerpts = found.get(FAILED?.number ?? 0) ?? [];
  expect(excerpts.map(({ log, lines }) => [log, lines.map(({ number }) => number)])).toEqual([
    ['dump.log', [1, 2, 3, 4]],
  ]);
});

it('is bounded, and text, whatever a log holds', () => {
  const record = failingRecord();
  const evil = [
    line(1, 'x'.repeat(100_000)),
    line(2, `Error (a.c:1): ${HOSTILE}\x1b[2J\xff\xfe${'\u00e9'.repeat(9_000)}`),
  ];
  const section = (lines: string[]) =>
    failuresSection(record, excerptsOf(leaving(record, [logOf(lines)]), record)).markup;
  const tags = (markup: string) => [...markup.matchAll(/<(\/?[a-z!][a-z0-9]*)/gi)].map(([, name]) => name);
  const plain = section([line(1, 'a'), line(2, 'Error (a.c:1): b')]);
  expect(tags(section(evil))).toEqual(tags(plain));
  expect(section(evil).replaceAll(/[\p{L}\p{N}\p{P}\p{S} \n]/gu, '')).toBe('');
  expect(section(evil).length - plain.length).toBeLessThan(3_000);
});
