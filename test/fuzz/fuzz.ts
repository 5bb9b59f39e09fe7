/** How often properties are tried, and by which seed: fixed, and more of them by THAW_FUZZ_RUNS and THAW_FUZZ_SEED. */
import fc from 'fast-check';
import { ThawError } from '../../harness/errors.ts';

const { THAW_FUZZ_RUNS = '60', THAW_FUZZ_SEED = '20260131' } = process.env;

export const FUZZ = { seed: Number(THAW_FUZZ_SEED), numRuns: Number(THAW_FUZZ_RUNS) };
/** For the runner: a hang ends the test, whatever a slow machine takes. */
export const LIMIT_MS = 120_000;

/** Bytes nearly as they should be: some of `good` put elsewhere, cut off, repeated or replaced; or nothing like it. */
export function damagedFrom(good: Buffer): fc.Arbitrary<Buffer> {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...ODD));
  const edited = fc
    .array(fc.tuple(fc.nat(good.length), fc.nat(30), piece), { minLength: 1, maxLength: 5 })
    .map((edits) =>
      edits.reduce(
        (bytes, [at, length, put]) =>
          Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]),
        good,
      ),
    );
  const cut = fc.nat(good.length).map((length) => good.subarray(0, length));
  return fc.oneof(
    edited,
    cut,
    fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  );
}

/** Taken, or refused in words; anything else that is thrown is a crash. */
export async function takenOrTold(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ThawError)) throw error;
    if (error.message === '') throw new Error('refused without a word');
  }
}

const ODD = [
  '\0',
  '\n',
  '\r\n',
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  'null',
  '1e999',
  '-1',
  '[['.repeat(50),
  '\ufeff',
  '__proto__',
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.alloc(8, 0xff), Buffer.alloc(4_096)]);
