import { describe, expect, it } from 'vitest';
import { comparisonCsv } from '../../../harness/report/formats/comparison-csv.ts';
import { comparisonJunit } from '../../../harness/report/formats/comparison-junit.ts';
import { comparisonMarkdown } from '../../../harness/report/formats/comparison-markdown.ts';
import { csv } from '../../../harness/report/formats/csv.ts';
import { element } from '../../../harness/report/formats/xml.ts';
import { comparisonOf, flaggedComparison } from '../comparison/fixture.ts';

const slower = comparisonOf({ slowdown: 1.2 });
const flagged = flaggedComparison((text) => `${text}\u001b[2J"&|\n`);

describe.each([
  ['junit.xml', comparisonJunit],
  ['csv', comparisonCsv],
  ['md', comparisonMarkdown],
])('a comparison as %s', (suffix, format) => {
  it.each(Object.entries({ slower, flagged }))(
    'is what the golden file says: %s',
    async (name, comparison) => {
      await expect(format(comparison)).toMatchFileSnapshot(
        `../../golden/report/comparison-${name}.${suffix}`,
      );
    },
  );
});

describe('JUnit XML', () => {
  it('counts what regressed as failures, and what is unknown as errors', () => {
    const [, suites] = comparisonJunit(slower).split('\n');
    expect(suites).toBe('<testsuites name="thaw compare" tests="7" failures="5" errors="0">');
    expect(comparisonJunit(slower).match(/<failure /g)).toHaveLength(5);
    expect(comparisonJunit(flagged)).toContain('failures="0" errors="8"');
  });

  it('holds no character that XML cannot', () => {
    expect(element('a', { b: '\u0000\ud800<&">\n' }, [])).toBe(
      '<a b="\\x00\\u{d800}&lt;&amp;&quot;&gt;&#10;"/>',
    );
  });
});

describe('CSV', () => {
  it('has as many fields in each row, and quotes what needs it', () => {
    expect(csv([['a', 1.5, null, 'b"c,d']])).toBe('a,1.5,,"b""c,d"\r\n');
    const rows = comparisonCsv(slower).trimEnd().split('\r\n');
    expect(new Set(rows.map((row) => row.replaceAll(/"[^"]*"/g, '').split(',').length)).size).toBe(1);
  });

  it('has no formula for a spreadsheet, and leaves negative numbers alone', () => {
    expect(csv([['=1+1', -1]])).toBe("'=1+1,-1\r\n");
  });
});

describe('Markdown', () => {
  it('stays below what a summary may have, and tells how many cells are left out', () => {
    const [cell] = slower.cells;
    if (cell === undefined) throw new Error('the fixture has no cell');
    const text = comparisonMarkdown({ ...slower, cells: Array.from({ length: 5_000 }, () => cell) });
    expect(Buffer.byteLength(text)).toBeLessThan(1_048_576);
    const told = text.split('\n').filter((line) => line.startsWith('### ')).length;
    expect(told).toBeGreaterThan(100);
    expect(text.endsWith(`\n${5_000 - told} more cells are in the JSON\n`)).toBe(true);
  });
});
