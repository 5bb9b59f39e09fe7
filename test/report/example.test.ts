import { expect, test } from 'vitest';
import { renderSummary } from '../../harness/report/summary.ts';
import { loadRecord } from '../../harness/store/load-record.ts';

test('the example of a run reads as the code of today says it', async () => {
  const record = await loadRecord('reports/example/record.json');
  const summary = renderSummary(record, { width: 80, colour: false, directory: 'reports/example' });
  await expect(summary).toMatchFileSnapshot('../../reports/example/summary.txt');
});
