import { describe, expect, it } from 'vitest';
import { renderComparison } from '../../../harness/report/comparison/summary.ts';
import { columnsOf } from '../../../harness/report/text.ts';
import { busierComparison, comparisonOf, flaggedComparison } from './fixture.ts';

const plain = { width: 80, colour: false };
const comparisons = {
  same: comparisonOf(),
  slower: comparisonOf({ slowdown: 1.2 }),
  faster: comparisonOf({ slowdown: 0.7 }),
  failing: comparisonOf({ failures: 12 }),
  busier: busierComparison(),
  flagged: flaggedComparison((text) => `${text}\u001b[2J\u202e${'x'.repeat(200)}`),
};

describe('a comparison on a terminal', () => {
  it.each(Object.entries(comparisons))('is what the golden file says: %s', async (name, comparison) => {
    await expect(renderComparison(comparison, plain)).toMatchFileSnapshot(
      `../../golden/report/comparison-${name}.txt`,
    );
  });

  it.each(Object.entries(comparisons))('fits 80 and 100 columns, and is text: %s', (_, comparison) => {
    for (const width of [80, 100]) {
      const text = renderComparison(comparison, { ...plain, width });
      expect(text.split('\n').filter((line) => columnsOf(line) > width)).toEqual([]);
      expect(text).toMatch(/^[\p{L}\p{N}\p{P}\p{S} \n]+$/u);
    }
  });

  it('says the same with colours as without', () => {
    const coloured = renderComparison(comparisons.slower, { ...plain, colour: true });
    const colours = /\u001b\[[\d;]+m/g;
    expect(coloured).toMatch(colours);
    expect(coloured.replace(colours, '')).toBe(renderComparison(comparisons.slower, plain));
  });
});
