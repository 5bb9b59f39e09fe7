import { describe, expect, it } from 'vitest';
import { terminalOf } from '../../harness/report/terminal.ts';

const tty = { isTTY: true, columns: 90 };

describe('a terminal', () => {
  it.each([
    ['of 90 columns', tty, { TERM: 'xterm' }, { width: 90, colour: true, live: true }],
    ['that is very wide', { isTTY: true, columns: 300 }, {}, { width: 100, colour: true, live: true }],
    ['that is narrow', { isTTY: true, columns: 62 }, {}, { width: 62, colour: true, live: true }],
    ['that is very narrow', { isTTY: true, columns: 20 }, {}, { width: 40, colour: true, live: true }],
    ['of a CI', tty, { CI: 'true' }, { width: 90, colour: true, live: false }],
    ['with NO_COLOR', tty, { NO_COLOR: '1' }, { width: 90, colour: false, live: true }],
    ['with an empty NO_COLOR', tty, { NO_COLOR: '' }, { width: 90, colour: true, live: true }],
    ['that is dumb', tty, { TERM: 'dumb' }, { width: 90, colour: false, live: false }],
    ['that is a pipe', {}, {}, { width: 80, colour: false, live: false }],
    ['that is a pipe with FORCE_COLOR', {}, { FORCE_COLOR: '1' }, { width: 80, colour: true, live: false }],
    [
      'that is a pipe with FORCE_COLOR=0',
      {},
      { FORCE_COLOR: '0' },
      { width: 80, colour: false, live: false },
    ],
    [
      'with both colour variables',
      tty,
      { NO_COLOR: '1', FORCE_COLOR: '1' },
      { width: 90, colour: false, live: true },
    ],
  ])('%s', (_, stream, environment, expected) => {
    expect(terminalOf(stream, environment)).toEqual(expected);
  });
});
