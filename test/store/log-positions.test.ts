import fc from 'fast-check';
import { expect, test } from 'vitest';
import { movedWith, withPositions } from '../../harness/store/log-positions.ts';

const before = Buffer.from('one 10.0.0.1\ntwo\nthree 10.0.0.1 is\nlast');
const after = Buffer.from('one 192.0.2.1\ntwo\nthree 192.0.2.1 is\nlast');

test('a position at the end of a line stays there, one within stays within, one past the end past the end', () => {
  const moved = movedWith(before, after);
  expect([0, 3, 12, 13, 17, 30, before.length, before.length + 5].map(moved)).toEqual([
    ...[0, 3, 12, 14, 18, 31],
    ...[after.length, after.length + 5],
  ]);
});

/** How many lines are whole when the log has that size, as whoever reads positions counts them. */
const linesAt = (log: Buffer, position: number): number =>
  log.subarray(0, position).filter((byte) => byte === 0x0a).length;

test('whatever is put in place of words, the same lines are there at each position', () => {
  const line = fc.stringMatching(/^[a-z .]{0,12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(line, line), { minLength: 1 }), fc.nat(300), (pairs, at) => {
      const [old, now] = [0, 1].map((side) => Buffer.from(pairs.map((both) => `${both[side]}\n`).join('')));
      const position = Math.min(at, (old as Buffer).length);
      const moved = movedWith(old as Buffer, now as Buffer)(position);
      expect(linesAt(now as Buffer, moved)).toBe(linesAt(old as Buffer, position));
    }),
  );
});

test('what is no observation, and the looks at a log that is not there, are left as they were', () => {
  const line = JSON.stringify({ files: 'm/1', dumpLog: [{ bytes: 13 }], restoreLog: [{ bytes: 13 }] });
  const moved = withPositions(line, (log) => (log === 'm/1/dump.log' ? movedWith(before, after) : undefined));
  expect(JSON.parse(moved)).toEqual({ files: 'm/1', dumpLog: [{ bytes: 14 }], restoreLog: [{ bytes: 13 }] });
  for (const other of ['', '{"half', 'null', '[]']) expect(withPositions(other, () => () => 0)).toBe(other);
});
