import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isCutOff, linesOf } from '../../harness/store/lines.ts';
import { refusal, scratch } from './fixture.ts';

let place: ReturnType<typeof scratch>;
let path: string;
beforeEach(() => {
  place = scratch();
  path = join(place.directory, 'file');
});
afterEach(() => place.clean());
const texts = (chunk = 1 << 18): string[] =>
  [...linesOf(path, { chunk, line: 1 << 20 })].map(({ text }) => text);

describe('linesOf', () => {
  it('reads the same lines whatever the size of its chunks', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '🧊', '\n', '\r') }),
        fc.integer({ min: 1, max: 9 }),
        (text, chunk) => {
          writeFileSync(path, text);
          const expected = text.split('\n');
          if (expected.at(-1) === '') expected.pop();
          expect(texts(chunk)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('numbers lines from 1 and tells a last line without its newline', () => {
    writeFileSync(path, 'a\n\nb');
    expect([...linesOf(path)]).toEqual([
      { text: 'a', number: 1, complete: true },
      { text: '', number: 2, complete: true },
      { text: 'b', number: 3, complete: false },
    ]);
  });

  it('refuses a line without end instead of filling the memory', async () => {
    writeFileSync(path, `a\n${'x'.repeat(1_000)}`);
    expect(await refusal(() => [...linesOf(path, { chunk: 64, line: 200 })])).toEqual([
      64,
      `${path}:2 is damaged: longer than 200 bytes`,
    ]);
  });

  it.skipIf(process.platform !== 'linux')('closes the file when an iteration is broken off', () => {
    writeFileSync(path, 'a\nb\n');
    for (const { text } of linesOf(path)) {
      expect(text).toBe('a');
      break;
    }
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    expect(open).not.toContain(path);
  });

  it('refuses a directory and a file that is not there', async () => {
    mkdirSync(path);
    expect(await refusal(() => [...linesOf(path)])).toEqual([64, `${path} is damaged: no file`]);
    expect(await refusal(() => [...linesOf(`${path}/x`)])).toEqual([
      64,
      `${path}/x is damaged: it is missing`,
    ]);
  });
});

describe('isCutOff', () => {
  it.each([
    ['', false],
    ['a\n', false],
    ['a\nb', true],
  ])('%j: %j', (text, expected) => {
    writeFileSync(path, text);
    expect(isCutOff(path)).toBe(expected);
  });
});
