import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { interruptible } from '../../harness/cli/signals.ts';
import { InterruptedError } from '../../harness/errors.ts';

function scene() {
  const source = new EventEmitter();
  const said: string[] = [];
  const left: number[] = [];
  let nowMs = 10_000;
  const signal = interruptible(source, {
    now: () => nowMs,
    say: (line) => said.push(line),
    leave: (code) => left.push(code),
  });
  return {
    signal,
    said,
    left,
    send: (name: string, afterMs: number) => {
      nowMs += afterMs;
      source.emit(name);
    },
  };
}

const TIDYING = 'interrupted; tidying up (once more to leave at once)';
const LEFT = 'left at once; run `sudo npx thaw clean` to remove what is left';

describe('signals', () => {
  it.each([
    ['SIGINT', new InterruptedError('SIGINT'), 130],
    ['SIGTERM', new InterruptedError('SIGTERM'), 143],
    ['SIGHUP', new InterruptedError('SIGTERM'), 143],
  ])('%s once asks for a tidy end, and again ends at once', (name, reason, code) => {
    const { signal, said, left, send } = scene();
    expect(signal.aborted).toBe(false);
    send(name, 0);
    expect([signal.reason, said, left]).toEqual([reason, [TIDYING], []]);
    send(name, 800);
    expect([said, left]).toEqual([[TIDYING, LEFT], [code]]);
  });

  it('that come twice for one key press, as under npm, count once', () => {
    const { said, left, send } = scene();
    send('SIGINT', 0);
    send('SIGINT', 3);
    send('SIGTERM', 400);
    expect([said, left]).toEqual([[TIDYING], []]);
  });
});
