import { describe, expect, it } from 'vitest';
import { renderSummary } from '../../harness/report/summary.ts';
import { columnsOf } from '../../harness/report/text.ts';
import { emptyRecord, failingRecord, hostileRecord, passingRecord } from './fixture.ts';

const plain = { width: 80, colour: false, directory: 'reports/httpd/2025-11-23T06-42-10Z' };
const records = {
  passing: passingRecord(),
  failing: failingRecord(),
  hostile: hostileRecord(),
  empty: emptyRecord(),
};

describe('the summary of a run', () => {
  it.each(Object.entries(records))('is what the golden file of the %s run says', async (name, record) => {
    await expect(renderSummary(record, plain)).toMatchFileSnapshot(`../golden/report/summary-${name}.txt`);
  });

  it.each(Object.entries(records))('fits 80 and 100 columns for the %s run', (_, record) => {
    for (const width of [80, 100]) {
      const lines = renderSummary(record, { ...plain, width }).split('\n');
      expect(lines.filter((line) => columnsOf(line) > width)).toEqual([]);
    }
  });

  it.each(Object.entries(records))('breaks nothing but a path in 72 columns for the %s run', (_, record) => {
    const lines = renderSummary(record, { ...plain, width: 72, directory: 'reports/x' }).split('\n');
    expect(lines.filter((line) => columnsOf(line) > 72).join('\n')).toBe('');
  });

  it.each(Object.entries(records))(
    'gives the terminal nothing but text and newlines for the %s run',
    (_, record) => {
      expect(renderSummary(record, plain)).toMatch(/^[\p{L}\p{N}\p{P}\p{S} \n]+$/u);
    },
  );

  it('says the same with colours as without', () => {
    const coloured = renderSummary(records.failing, { ...plain, colour: true });
    const colours = /\u001b\[[\d;]+m/g;
    expect(coloured).toMatch(colours);
    expect(coloured.replace(colours, '')).toBe(renderSummary(records.failing, plain));
  });

  it('quotes a run directory that a shell would take apart, and never cuts it', () => {
    const directory = `/srv/my runs/${'deep/'.repeat(30)}it's`;
    const lines = renderSummary(records.passing, { ...plain, directory }).split('\n');
    expect(lines).toContain(`  ${directory}`);
    expect(lines).toContain(`  next: thaw report '/srv/my runs/${'deep/'.repeat(30)}it'\\''s'`);
  });
});
