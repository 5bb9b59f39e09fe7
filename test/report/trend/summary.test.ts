import { describe, expect, it } from 'vitest';
import { trendCsv } from '../../../harness/report/formats/trend-csv.ts';
import { columnsOf } from '../../../harness/report/text.ts';
import { sparkline } from '../../../harness/report/trend/sparkline.ts';
import { renderTrend } from '../../../harness/report/trend/summary.ts';
import { oddTrend, trendFound } from './fixture.ts';

const plain = { width: 80, colour: false };
const trends = {
  slower: trendFound(),
  odd: oddTrend((text) => `${text}\u001b[2J\u202e${'x'.repeat(200)}`),
};

describe('a trend on a terminal', () => {
  it.each(Object.entries(trends))('is what the golden file says: %s', async (name, trend) => {
    await expect(renderTrend(trend, plain)).toMatchFileSnapshot(`../../golden/report/trend-${name}.txt`);
  });

  it.each(Object.entries(trends))('fits 80 and 100 columns, and is text: %s', (_, trend) => {
    for (const width of [80, 100]) {
      const text = renderTrend(trend, { ...plain, width });
      expect(text.split('\n').filter((line) => columnsOf(line) > width)).toEqual([]);
      expect(text).toMatch(/^[\p{L}\p{N}\p{P}\p{S} \n]+$/u);
    }
  });

  it('says the same with colours as without', () => {
    const coloured = renderTrend(trends.slower, { ...plain, colour: true });
    const colours = /\u001b\[[\d;]+m/g;
    expect(coloured).toMatch(colours);
    expect(coloured.replace(colours, '')).toBe(renderTrend(trends.slower, plain));
  });
});

describe('a trend as CSV', () => {
  it('has a row for each run and measurement, as the golden file says', async () => {
    const { cells } = trends.slower;
    const one = {
      ...trends.slower,
      cells: cells.map((cell) => ({ ...cell, series: cell.series.slice(0, 1) })),
    };
    await expect(trendCsv(one)).toMatchFileSnapshot('../../golden/report/trend-slower.csv');
  });
});

describe('a sparkline', () => {
  it.each([
    [[1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇█'],
    [[5, 5, 5], '▁▁▁'],
    [[1, null, 8], '▁?█'],
    [[null], '?'],
    [[], ''],
    [Array.from({ length: 80 }, (_, i) => i), '▁▂▃▄▅▆▇█'],
  ])('of %j is %s', (values, expected) => {
    expect(sparkline(values, 8)).toBe(expected);
  });
});
