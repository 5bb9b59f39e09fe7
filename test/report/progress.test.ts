import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress, noProgress, secondsOf } from '../../harness/report/progress.ts';

function progressInto(live: boolean) {
  let nowMs = 1000;
  const stream = new PassThrough();
  const progress = createProgress(Object.assign(stream, { columns: 80, isTTY: live }), {
    style: { width: 80, colour: false },
    live,
    now: () => nowMs,
  });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { progress, pass, written: () => String(stream.read() ?? '') };
}

function tell({ progress, pass }: ReturnType<typeof progressInto>) {
  const done = progress.step('building root file system debian:forky\u001b[2J (about 30 s)');
  pass(23_400);
  done();
  done();
  progress.status('dump');
  progress.line('   1/11 rhel01 → rhel02');
  progress.status('restore\u0007');
  progress.end();
  progress.line('after the end');
  progress.status('after the end');
}

const LINES =
  'building root file system debian:forky\\x1b[2J (about 30 s)\n  done in 23 s\n   1/11 rhel01 → rhel02\n';

describe('progress', () => {
  it('tells how to read lines once, however many runs there are', () => {
    const { progress, written } = progressInto(false);
    for (const run of ['run 1', 'run 2']) {
      progress.line(run);
      progress.legend('✓ passed');
    }
    expect(written()).toBe('run 1\n✓ passed\nrun 2\n');
  });

  it('in a pipe is plain lines, with no cursor movement and no status', () => {
    const told = progressInto(false);
    tell(told);
    expect(told.written()).toBe(LINES);
  });

  it('on a terminal shows what happens now, and leaves the same lines', () => {
    const told = progressInto(true);
    tell(told);
    const written = told.written();
    expect(written).toContain('  dump\n');
    expect(written).toContain('  restore\\x07\n');
    expect(screenOf(written)).toBe(LINES);
  });

  it('can tell nothing', () => {
    const progress = noProgress();
    expect([progress.step('a')(), progress.line('b'), progress.status('c'), progress.end()]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tells times as a person would', () => {
    expect([420, 4_260, 23_400, 123_400].map(secondsOf)).toEqual(['420 ms', '4.3 s', '23 s', '2 min 3 s']);
    const [minute, hour] = [60_000, 3_600_000];
    expect(
      [hour - 1, hour, 8 * hour + 5 * minute, 24 * hour, 51 * hour + 59 * minute].map(secondsOf),
    ).toEqual(['59 min 59 s', '1 h 0 min', '8 h 5 min', '1 d 0 h', '2 d 3 h']);
  });
});

/** What a terminal shows in the end: erased lines (`ESC[2K`, `ESC[1A`) are gone. */
function screenOf(written: string): string {
  const lines = [''];
  for (const token of written.match(/\u001b\[\d*[A-Za-z]|\n|[^\u001b\n]+/g) ?? []) {
    if (token === '\n') lines.push('');
    else if (token === '\u001b[2K') lines[lines.length - 1] = '';
    else if (/^\u001b\[\d*A$/.test(token)) lines.pop();
    else if (!token.startsWith('\u001b')) lines[lines.length - 1] += token;
  }
  return lines.join('\n');
}
