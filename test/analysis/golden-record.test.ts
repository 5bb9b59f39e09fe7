import { expect, it } from 'vitest';
import { analyse } from '../../harness/analysis/analyse.ts';
import { smallRun } from './small-run.ts';

it('the record of a small run made by hand is known to the byte', async () => {
  const record = analyse(smallRun());
  await expect(`${JSON.stringify(record, null, 2)}\n`).toMatchFileSnapshot('../golden/analysis/record.json');
});
