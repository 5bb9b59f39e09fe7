import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonCsv } from '../../../harness/report/formats/comparison-csv.ts';
import { csv } from '../../../harness/report/formats/csv.ts';
import { runCsv } from '../../../harness/report/formats/run-csv.ts';
import { trendCsv } from '../../../harness/report/formats/trend-csv.ts';
import { safeText } from '../../../harness/report/text.ts';
import { comparisonOf, flaggedComparison } from '../comparison/fixture.ts';
import { failingRecord } from '../fixture.ts';
import { trendFound } from '../trend/fixture.ts';
import { RECORDS } from './names.ts';

/** As a strict reader has it: rows of one length, each quote where it may be. */
const read = (text: string): Record<string, string>[] => parse(text, { columns: true });

const files: [string, string][] = [
  ...Object.entries(RECORDS).map(([name, record]): [string, string] => [`a run: ${name}`, runCsv(record)]),
  ['a comparison', comparisonCsv(comparisonOf({ slowdown: 1.2 }))],
  ['a hostile comparison', comparisonCsv(flaggedComparison((text) => `${text}\u001b[2J",\n=1+1`))],
  ['a trend', trendCsv(trendFound())],
];

describe('CSV', () => {
  it.each(files)('is read by a strict reader, with a name for each column: %s', (_, text) => {
    const rows = read(text);
    const [header = ''] = text.split('\r\n');
    expect(Object.keys(rows[0] ?? {})).toEqual(rows.length === 0 ? [] : header.split(','));
    expect(rows).toHaveLength(text.split('\r\n').length - 2);
  });

  it('gives back what migrations measured, and nothing where that is unknown', () => {
    const record = failingRecord();
    const rows = read(runCsv(record));
    expect(rows.map(({ number, outcome }) => [Number(number), outcome])).toEqual(
      record.migrations.map(({ number, outcome }) => [number, outcome.state]),
    );
    expect(rows.find(({ number }) => number === '5')?.downtime_ms).toBe('');
  });

  it('gives back any text, as it may be shown, and never as a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 5 }), (texts) => {
        const shown = texts
          .map((text) => safeText(text, Number.POSITIVE_INFINITY))
          .map((text) => (/^[=+\-@]/.test(text) ? `'${text}` : text));
        expect(parse(csv([texts, texts]))).toEqual([shown, shown]);
      }),
    );
  });
});
