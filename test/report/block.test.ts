import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from '../../harness/report/progress.ts';

function onTerminal(columns = 80) {
  const stream = Object.assign(new PassThrough(), { columns });
  const style = { width: 80, colour: false };
  const progress = createProgress(stream, { style, live: true, now: () => 0 });
  return { stream, progress, written: () => String(stream.read() ?? '') };
}

describe('the block at the bottom of a terminal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is drawn anew as time goes on, and stays below the lines that stay', () => {
    const { progress, written } = onTerminal();
    let asked = 0;
    progress.view(() => [`picture ${++asked}`]);
    vi.advanceTimersByTime(1_000);
    progress.line('a line');
    expect(asked).toBe(4);
    expect(written()).toMatch(/picture 3\n.*a line\npicture 4\n$/s);
  });

  it('computes and writes nothing while it is held, and goes on afterwards', () => {
    const { progress, stream, written } = onTerminal();
    let asked = 0;
    progress.view(() => [`picture ${++asked}`]);
    progress.hold();
    written();
    vi.advanceTimersByTime(60_000);
    stream.columns = 40;
    stream.emit('resize');
    expect([asked, written()]).toEqual([2, '']);
    progress.release();
    expect([asked, written().includes('picture 3')]).toEqual([3, true]);
  });

  it('is erased with the rows that a narrower terminal broke it into, and drawn for the columns that there are', () => {
    const { progress, stream, written } = onTerminal(80);
    progress.view(({ width }) => ['x'.repeat(width - 1), 'y']);
    written();
    stream.columns = 40;
    stream.emit('resize');
    // 79 columns are two rows of 40, and the last line is one.
    expect(written()).toBe(`\u001b[3A\r\u001b[J${'x'.repeat(39)}\ny\n`);
  });

  it('never hides the cursor, so that no end can leave it hidden', () => {
    const { progress, written } = onTerminal();
    progress.view(() => ['picture']);
    progress.status('status');
    vi.advanceTimersByTime(2_000);
    progress.end();
    expect(written()).not.toContain('\u001b[?25l');
  });

  it('leaves neither timer nor listener behind, even if it ends while it is held', () => {
    const { progress, stream } = onTerminal();
    progress.view(() => ['picture']);
    progress.hold();
    progress.end();
    expect([vi.getTimerCount(), stream.listenerCount('resize')]).toEqual([0, 0]);
  });

  it('is not asked for in a pipe', () => {
    const stream = new PassThrough();
    const progress = createProgress(stream, {
      style: { width: 80, colour: false },
      live: false,
      now: () => 0,
    });
    progress.view(() => {
      throw new Error('asked for');
    });
    progress.hold();
    progress.release();
    vi.advanceTimersByTime(2_000);
    expect(stream.read()).toBeNull();
  });
});
