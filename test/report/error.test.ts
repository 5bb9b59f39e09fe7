import { describe, expect, it } from 'vitest';
import { EnvironmentError, UsageError } from '../../harness/errors.ts';
import { renderError } from '../../harness/report/error.ts';

const plain = { colour: false };

describe('an error', () => {
  it('that a user can mend says what, and what to do next', () => {
    const error = new EnvironmentError(
      'no space on /runc\n  criu: write failed',
      'make room\nor use another share',
    );
    expect(renderError(error, plain)).toBe(
      'thaw: no space on /runc\n  criu: write failed\nnext: make room\n      or use another share',
    );
  });

  it('without a next step is its message alone', () => {
    expect(renderError(new UsageError('unknown key'), plain)).toBe('thaw: unknown key');
  });

  it('cannot write to the terminal what a host said', () => {
    expect(renderError(new UsageError('a\u001b]0;x\u0007'), { colour: false })).toBe('thaw: a\\x1b]0;x\\x07');
  });

  it('that nobody foresaw is a bug, with stack, cause and where to tell', () => {
    const error = new TypeError('x is not a function', { cause: new Error('deeper') });
    error.stack = 'TypeError: x is not a function\n    at run (run.ts:1:1)';
    expect(renderError(error, plain)).toBe(
      [
        'thaw: this is a bug in Thaw, not in what you did',
        '  TypeError: x is not a function',
        '      at run (run.ts:1:1)',
        '  caused by: Error: deeper',
        'next: please open an issue with the lines above, the output of `thaw doctor --json`,',
        '      and the run directory if there is one; then run `thaw clean`',
      ].join('\n'),
    );
  });

  it.each([
    ['text', 'thrown: text'],
    [undefined, 'thrown: undefined'],
    [{ code: 1 }, 'thrown: {"code":1}'],
  ])('that is no Error (%j) is shown too', (thrown, line) => {
    expect(renderError(thrown, plain).split('\n')[1]).toBe(`  ${line}`);
  });
});
