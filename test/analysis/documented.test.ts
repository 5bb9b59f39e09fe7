import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { distributions } from '../../harness/analysis/distributions.ts';

const TEXT = readFileSync(new URL('../../docs/measurement.md', import.meta.url), 'utf8');

it('every measurement is explained by its name in docs/measurement.md', () => {
  const missing = distributions([], 1).filter(
    ({ measurement }) => !TEXT.includes(`**${measurement}**`) && !TEXT.includes(`\`${measurement}\``),
  );
  expect(missing.map(({ measurement }) => measurement)).toEqual([]);
});
