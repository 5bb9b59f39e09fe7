import { describe, expect, it } from 'vitest';
import { type LiveState, renderLive } from '../../harness/report/live.ts';
import { columnsOf } from '../../harness/report/text.ts';

const buckets = (of: (index: number) => number) => Array.from({ length: 120 }, (_, index) => of(index));
const from = (first: number, value: number) => buckets((index) => (index < first ? 0 : value));

const state: LiveState = {
  hosts: [
    {
      name: 'rhel01',
      serves: false,
      answers: buckets((i) => (i < 60 ? 50 : i < 100 ? 0 : i < 112 ? 25 : 0)),
    },
    { name: 'rhel02', serves: true, answers: buckets((i) => (i >= 61 && i < 99 ? 40 : i >= 113 ? 3 : 0)) },
  ],
  lost: buckets((i) => ([60, 99, 112].includes(i) ? 12 : 0)),
  bucketMs: 500,
  now: { number: 4, source: 'rhel01', destination: 'rhel02', part: 'clean-up' },
  migrations: { finished: 3, failed: 1, total: 11 },
  requests: { answered: 5_134, lost: 36 },
  elapsedMs: 61_300,
  leftMs: 163_000,
};
const hostile: LiveState = {
  ...state,
  hosts: [{ name: '\u001b[2J\u202e</script>日本語日本語日本語日本語', serves: true, answers: from(0, 1) }],
  now: { number: 1, source: '\u001b]0;x\u0007', destination: 'b\nb', part: 'frozen' },
};
const beginning: LiveState = {
  ...state,
  hosts: state.hosts.map((host) => ({ ...host, serves: false, answers: from(120, 0) })),
  lost: from(120, 0),
  now: null,
  migrations: { finished: 0, failed: 0, total: 11 },
  requests: { answered: 0, lost: 0 },
  elapsedMs: 400,
  leftMs: null,
};
const states = { running: state, beginning, hostile };
const widths = [40, 80, 120];

describe('a run while it goes on', () => {
  it('is what the golden file says, at 40, 80 and 120 columns', async () => {
    const shown = Object.entries(states).flatMap(([name, one]) =>
      widths.flatMap((width) => [`== ${name}, ${width}`, ...renderLive(one, { width, colour: false })]),
    );
    await expect(`${shown.join('\n')}\n`).toMatchFileSnapshot('../golden/report/live.txt');
  });

  it.each(Object.entries(states))('is never wider than the terminal (%s)', (_, one) => {
    for (let width = 20; width <= 200; width++) {
      const lines = renderLive(one, { width, colour: true });
      expect(lines.filter((line) => columnsOf(line) >= width)).toEqual([]);
    }
  });

  it('gives a terminal no control character that a host has put into its name', () => {
    const text = renderLive(hostile, { width: 80, colour: false }).join('\n');
    expect(text).toContain('\\x1b[2J');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('shows nobody as the one who serves while the container is frozen', () => {
    const frozen = {
      ...state,
      now: { number: 4, source: 'rhel01', destination: 'rhel02', part: 'frozen' },
    } as const;
    expect(renderLive(state, { width: 80, colour: false }).join('\n')).toContain('▶ rhel02');
    expect(renderLive(frozen, { width: 80, colour: false }).join('\n')).not.toContain('▶');
  });

  it('shows a single answer and a single loss', () => {
    const one: LiveState = {
      ...state,
      hosts: [
        { name: 'a', serves: true, answers: buckets((i) => (i === 119 ? 1 : 0)) },
        { name: 'b', serves: false, answers: from(0, 1_000) },
      ],
      lost: buckets((i) => (i === 119 ? 1 : 0)),
    };
    const [, a, , lost] = renderLive(one, { width: 80, colour: false });
    expect([a?.at(-1), lost?.at(-1)]).toEqual(['▁', '×']);
  });
});
