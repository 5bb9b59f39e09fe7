import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { whyNotHere } from './machine.ts';
import { ROOT, recordOf, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
const names = readdirSync(join(ROOT, 'scenarios/failures')).map((file) => file.replace(/\.yaml$/, ''));
/** What the server says where the kernel has not what the scenario is about. */
const LACKING = /the container has ended/;
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`failures${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test.each(names)('%s is what the record says of it', async (name, context) => {
    const ended = await thaw(
      'run',
      `scenarios/failures/${name}.yaml`,
      '--reports',
      place.path,
      '--json',
      '--quiet',
    );
    const record = recordOf(ended);
    if (record.migrations.length === 0 && LACKING.test(ended.stdout)) context.skip('the kernel cannot');
    expect(record.migrations.map(({ outcome, diagnosis }) => [outcome.state, diagnosis?.failure])).toEqual([
      ['failed', name],
    ]);
  });
});
