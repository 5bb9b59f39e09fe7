import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { columnsOf } from '../../harness/report/text.ts';
import { whyNotHere } from './machine.ts';
import { MAIN, ROOT, scratch } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

const WIDE = 66;
const NARROW = 44;
// Made narrow after the first migration, as a person does it with the mouse.
const ON_A_TERMINAL = `stty cols ${WIDE} rows 40
(until cat "$REPORTS"/httpd/*/migrations.ndjson 2>/dev/null | grep -q .; do sleep 0.1; done; stty -F /dev/tty cols ${NARROW}) &
exec "$NODE" "$MAIN" run scenarios/httpd.yaml --count 3 --warm-up 0 --no-limits --reports "$REPORTS"`;

describe.skipIf(why !== null)(`a real run on a terminal${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('shows its lanes in the columns that there are, also when they become fewer', async () => {
    const shown = await onTerminal({});
    const lanes = lanesIn(shown);
    expect(lanes.length).toBeGreaterThan(3);
    expect(lanes.filter((columns) => columns >= WIDE)).toEqual([]);
    expect(lanes[0]).toBeGreaterThan(NARROW);
    expect(lanes.at(-1)).toBeLessThan(NARROW);
    expect(shown).toMatch(COLOUR);
    expect(plain(shown).replaceAll(/\s+/g, ' ')).toContain('3 of 3 measured migrations completed');
  });

  test('has no colour with NO_COLOR, and in a pipe neither lanes nor escape sequences', async () => {
    const shown = await onTerminal({ NO_COLOR: '1' });
    expect([COLOUR.test(shown), lanesIn(shown).length > 3]).toEqual([false, true]);
    const { all } = await execa(
      process.execPath,
      [MAIN, 'run', 'scenarios/httpd.yaml', '--count', '1', '--warm-up', '0', '--reports', place.path],
      { cwd: ROOT, all: true, reject: false },
    );
    expect(all).toContain('1 of 1 measured migration completed');
    expect([all.includes('\u001b'), lanesIn(all)]).toEqual([false, []]);
  });
});

const COLOUR = /\u001b\[3\dm/;

/** All that a run wrote to a pseudo-terminal. */
async function onTerminal(env: Record<string, string>): Promise<string> {
  const { stdout } = await execa('script', ['-qefc', ON_A_TERMINAL, '/dev/null'], {
    cwd: ROOT,
    env: { NODE: process.execPath, MAIN, REPORTS: place.path, TERM: 'xterm', CI: '', ...env },
    timeout: 240_000,
    reject: false,
  });
  return stdout;
}

const plain = (text: string): string => text.replaceAll(/\u001b\[[\d;?]*[A-Za-z]/g, '');

/** The columns of each lane of lost requests that was drawn, in order. */
function lanesIn(text: string): number[] {
  return plain(text)
    .split(/[\r\n]+/)
    .filter((line) => /^ {2}lost +[·×]+$/.test(line))
    .map(columnsOf);
}
