import { describe, expect, it } from 'vitest';
import { renderSuitePage } from '../../../../harness/report/html/suite/page.ts';
import { HOSTILE } from '../fixture.ts';
import { idsOf, PRINTABLE, tagsOf } from '../tags.ts';
import { manyCells, suiteView } from './fixture.ts';

const assets = { script: 'script();', style: 'p{}' };
const page = renderSuitePage(suiteView(), assets);

describe('the page of a suite', () => {
  it('is what the golden file says', async () => {
    await expect(page).toMatchFileSnapshot('../../../golden/report/page-suite.html');
  });

  it('has an anchor for each link, and is the same to the byte for the same result', () => {
    const { ids, links } = idsOf(page);
    expect(new Set(ids).size).toBe(ids.length);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
    expect(renderSuitePage({ ...suiteView(), result: structuredClone(suiteView().result) }, assets)).toBe(
      page,
    );
  });

  it('shows the state of each cell by one axis, with the last try of it', () => {
    const [, states = ''] = /<table class="states">(.*?)<\/table>/s.exec(page) ?? [];
    const cells = [
      ...states.matchAll(/<td class="[a-z]+">(?:<a [^>]*>)?<span aria-hidden="true">.<\/span> ([a-z-]+)/g),
    ];
    expect(cells.map(([, state]) => state)).toEqual([
      'pass',
      'flaky',
      'expected',
      'expected',
      'fail',
      'unknown',
    ]);
  });

  it('links the tries whose pages are known, and no others', () => {
    const tries = [...page.matchAll(/aria-label="Try (\d) of ([^:]+): /g)].map(
      ([, number, id]) => `${id} ${number}`,
    );
    expect(new Set(tries)).toEqual(
      new Set([
        'httpd[runtime=runc] 1',
        'httpd[runtime=crun] 1',
        'counter[runtime=runc] 1',
        'counter[runtime=crun] 1',
        'nginx[runtime=runc] 1',
      ]),
    );
  });

  it('tells what is expected, and links only what is an address', () => {
    const { result, ...rest } = suiteView();
    const cells = result.cells.map((cell) => ({
      ...cell,
      expect: cell.expect && { ...cell.expect, link: 'javascript:alert(1)' },
    }));
    expect(page).toContain('<a href="https://example.org/issues/1" rel="noreferrer">');
    const evil = renderSuitePage({ ...rest, result: { ...result, cells } }, assets);
    expect(evil).not.toMatch(/href="javascript/);
    expect(evil).toContain('javascript:alert(1)');
  });

  it('keeps small what is drawn of many cells, and has each in its table', () => {
    const many = renderSuitePage({ ...suiteView(), result: manyCells(3_000) }, assets);
    expect([...many.matchAll(/<tr data-state=/g)].length).toBe(3_000);
    expect([...many.matchAll(/<tr data-state="[^>]* hidden>/g)].length).toBe(2_700);
    expect([...many.matchAll(/<article class="card">/g)].length).toBe(100);
    const [, states = ''] = /<table class="states">(.*?)<\/table>/s.exec(many) ?? [];
    expect([...states.matchAll(/<tr>/g)].length).toBe(201);
    expect(many).toContain('more rows: all cells stand in the table below');
  });

  it('shows what cells, values and reasons are called as text, whatever it is', () => {
    const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
    const hostile = renderSuitePage(suiteView(evil), assets);
    expect(tagsOf(hostile)).toEqual(tagsOf(page));
    expect(hostile.replaceAll(PRINTABLE, '')).toBe('');
  });

  it('says that a shard has no cell', () => {
    const { result, ...rest } = suiteView();
    const empty = { ...result, cells: [], shard: { index: 2, of: 9 }, verdict: 'pass' as const };
    const none = renderSuitePage({ ...rest, result: empty }, assets);
    expect(none).toContain('0 of 6 cells (shard 2 of 9): none is for this shard');
    expect(none).toContain('no cell is for this shard');
  });
});
