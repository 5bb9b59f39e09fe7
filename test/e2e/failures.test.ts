import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { whyNotHere } from './machine.ts';
import { placed } from './placed.ts';
import { ROOT, recordOf, thaw } from './thaw.ts';

const why = whyNotHere();
const names = readdirSync(join(ROOT, 'scenarios/failures'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));
/** What not every kernel has: there the container ends at once, and there is nothing to migrate. */
const OF_SOME_KERNELS = [
  'descriptor-passing',
  'memfd-secret',
  'mptcp-socket',
  'socket-family',
  'userfaultfd',
];
/** Of a CRIU that is older than some kernels: on the others it migrates. */
const OF_NEWER_KERNELS = ['vdso-unknown'];

describe.skipIf(why !== null)(`failures${why === null ? '' : ` (skipped: ${why})`}`, () => {
  placed.concurrent.for(names)('%s is what the record says of it', async (name, { skip, place }) => {
    const ended = await thaw(
      'run',
      `scenarios/failures/${name}.yaml`,
      '--reports',
      place.path,
      '--json',
      '--quiet',
    );
    const record = recordOf(ended);
    if (OF_SOME_KERNELS.includes(name) && /the container has ended/.test(ended.stdout))
      skip('this kernel has nothing of the kind');
    if (OF_NEWER_KERNELS.includes(name) && record.outcome === 'completed' && record.verdict === 'pass')
      skip('this kernel is not too new for that CRIU');
    expect(record.migrations.map(({ outcome, diagnosis }) => [outcome.state, diagnosis?.failure])).toEqual([
      ['failed', name],
    ]);
  });
});
