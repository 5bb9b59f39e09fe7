import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../harness/model.ts';
import { renderPage } from '../../../harness/report/html/page.ts';
import { pageAssets } from '../../../harness/store/assets.ts';
import { emptyRecord, hostileRecord, passingRecord } from '../fixture.ts';
import { HOSTILE, packed, recordWithSpans, samplesOf } from './fixture.ts';

const assets = { script: 'script();', style: 'p{}' };
const records: Record<string, RunRecord> = {
  passing: passingRecord(),
  failing: recordWithSpans(),
  empty: emptyRecord(),
};
const samples = packed(samplesOf(300));

describe('the page of a run', () => {
  it('is what the golden file of the failing run says', async () => {
    const page = renderPage(recordWithSpans(), samples, assets);
    await expect(page).toMatchFileSnapshot('../../golden/report/page-failing.html');
  });

  it.each(Object.entries(records))('is the same to the byte for the same %s run', (_, record) => {
    const page = renderPage(record, samples, assets);
    expect(renderPage(structuredClone(record), structuredClone(samples), assets)).toBe(page);
  });

  it.each(Object.entries(records))(
    'has an anchor for each link, and no two of the same name: %s',
    (_, record) => {
      const page = renderPage(record, samples, assets);
      const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      const links = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(links.filter((id) => !ids.includes(id))).toEqual([]);
      // A run without migrations has no waterfall; every other section is always there.
      expect(links.includes('waterfall')).toBe(record.migrations.length > 0);
      expect(links).toContain('downloads');
    },
  );

  it('allows its own script and style, and nothing else', () => {
    const page = renderPage(passingRecord(), samples, pageAssets());
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
    const hashOf = (element: string) => {
      const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? '';
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashOf('script')}; style-src ${hashOf('style')}; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/https?:\/\/|\bstyle=|\son[a-z]+=/);
  });

  it('has a script that is one', () => {
    expect(new Script(pageAssets().script)).toBeInstanceOf(Script);
  });

  it('shows what hosts and servers said as text, whatever it was', () => {
    const evil = { ...hostileRecord(), verdicts: [{ check: HOSTILE, state: 'fail' as const, why: HOSTILE }] };
    const plain = renderPage(hostileRecord(), samples, assets);
    const page = renderPage(evil, packed(samplesOf(300, [HOSTILE, '\ud800"\'>'], HOSTILE)), assets);
    expect(tagsOf(page)).toEqual(tagsOf(plain));
    expect(page.replaceAll(/[\p{L}\p{N}\p{P}\p{S} \n]/gu, '')).toBe('');
  });
});

/** The names of all elements that a page has. */
function tagsOf(page: string): string[] {
  return [...new Set([...page.matchAll(/<(\/?[a-z!][a-z0-9]*)/gi)].map(([, name]) => name as string))].sort();
}
