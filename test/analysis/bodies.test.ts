import { expect, it } from 'vitest';
import { bodies } from '../../harness/analysis/bodies.ts';
import type { AnsweredSample } from '../../harness/model.ts';

const answer = (n: number, more: Partial<AnsweredSample>): AnsweredSample => ({
  n,
  due: n,
  state: 'answered',
  sent: n,
  firstByte: n,
  end: n,
  status: 200,
  host: 'rhel01',
  bytes: 7,
  connection: 1,
  checksum: 1,
  ...more,
});

function told(...changes: Partial<AnsweredSample>[]) {
  const fold = bodies();
  for (const [n, more] of changes.entries()) fold.add(answer(n, more));
  return fold.told();
}

it('hosts differ from each other, and a page for an error from the content', () => {
  expect(told({}, { host: 'rhel02', checksum: 2 }, {}, { status: 502, checksum: 3 })).toEqual({
    answers: 4,
    unknown: 0,
    differing: 0,
    first: null,
  });
});

it('an answer of another length or checksum than most of its host is told, the first by its number', () => {
  const first = { n: 1, host: 'rhel01', bytes: 6, checksum: 1, of: { bytes: 7, checksum: 1 } };
  expect(told({}, { bytes: 6 }, { checksum: 9 }, {})).toEqual({
    answers: 4,
    unknown: 0,
    differing: 2,
    first,
  });
});

it('a count that needs another digit is no other body, and what has no checksum is not known', () => {
  const counted = { count: 10, since: 't' };
  expect(told({ counted, bytes: 8 }, { counted }, { checksum: undefined as never })).toMatchObject({
    answers: 2,
    unknown: 1,
    differing: 0,
  });
});
