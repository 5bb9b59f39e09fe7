import { describe, expect, it } from 'vitest';
import { renderIndex } from '../../../../harness/report/html/index/page.ts';
import { HOSTILE } from '../fixture.ts';
import { indexOf } from './fixture.ts';

const assets = { script: 'script();', style: 'p{}' };

describe('the index of runs', () => {
  it('is what the golden file says', async () => {
    await expect(renderIndex(indexOf(8), assets)).toMatchFileSnapshot('../../../golden/report/index.html');
  });

  it('lists the newest run first, whatever the order was, with the same bytes', () => {
    const index = indexOf(8);
    const page = renderIndex(index, assets);
    expect([...page.matchAll(/>(2026-01-\d\d) 00:00<\/(?:a|abbr)></g)].map(([, day]) => day)).toEqual(
      [8, 7, 6, 5, 4, 3, 2, 1].map((day) => `2026-01-0${day}`),
    );
    expect(renderIndex({ ...index, runs: index.runs.toReversed() }, assets)).toBe(page);
  });

  it('keeps each line whole in the trends of many runs', () => {
    expect(renderIndex(indexOf(600), assets)).not.toMatch(/ d="[^"]*…/);
  });

  it('shows what directories and records say as text, whatever it was', () => {
    const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
    const page = renderIndex(indexOf(8, evil), assets);
    const tags = (text: string) => [...text.matchAll(/<(\/?[a-z!][a-z0-9]*)/gi)].map(([, name]) => name);
    expect(tags(page)).toEqual(tags(renderIndex(indexOf(8), assets)));
    expect(page.replaceAll(/[\p{L}\p{N}\p{P}\p{S} \n]/gu, '')).toBe('');
  });

  it('says that there is no run', () => {
    expect(renderIndex(indexOf(0), assets)).toContain('there is none');
  });
});
