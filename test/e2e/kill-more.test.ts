import { describe } from 'vitest';
import { killedAtRandom } from './killing.ts';
import { whyNotHere } from './machine.ts';

const why = whyNotHere();

describe.skipIf(why !== null)(
  `runs ended at more instants${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    killedAtRandom([11, 12, 13, 14, 15, 16, 17, 18, 19, 20], [5, 6, 7, 8]);
  },
);
