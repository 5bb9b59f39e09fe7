import { describe, expect, it } from 'vitest';
import { renderPicture } from '../../../harness/report/html/picture.ts';
import { emptyRecord } from '../fixture.ts';
import { HOSTILE, packed, recordWithSpans, samplesOf } from './fixture.ts';

describe('the picture of a timeline', () => {
  it('is what the golden file says', async () => {
    const picture = renderPicture(recordWithSpans(), packed(samplesOf(1_700)));
    await expect(picture).toMatchFileSnapshot('../../golden/report/timeline.svg');
  });

  it('has a mark for each request where there is room: one in the row of its host, and one for its latency', () => {
    const picture = renderPicture(recordWithSpans(), packed(samplesOf(150, ['rhel01'])));
    const marks = /rhel01<\/text><path d="([^"]+)"/.exec(picture)?.[1] ?? '';
    const columns = new Set(marks.match(/M\d+ 2\d\dv8/g));
    // 1.3 s of 17.7 s on 776 columns.
    expect([columns.size, marks.match(/V/g)?.length]).toEqual([58, 58]);
    expect(marks.replaceAll(/M\d+ \d+(v8|V\d+)/g, '')).toBe('');
  });

  it('stays small with many requests, and shows a single one that was lost', () => {
    const samples = samplesOf(50_000).filter(({ state }) => state === 'answered');
    const lost = {
      n: 700,
      due: 7_000,
      state: 'failed',
      sent: 7_000,
      end: 7_001,
      kind: 'reset',
      detail: 'x',
      connection: 1,
    } as const;
    const picture = renderPicture(recordWithSpans(), packed([...samples.filter(({ n }) => n !== 700), lost]));
    expect(picture.length).toBeLessThan(120_000);
    expect(/reset<\/text><path d="(M[^M"]+)"/.exec(picture)?.[1]).toMatch(/^M\d+ 20v12$/);
  });

  it('is drawn for a run without requests, and of hosts with any name', () => {
    expect(renderPicture(emptyRecord(), packed([]))).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    const record = recordWithSpans();
    const { head } = record;
    const path = [HOSTILE, 'rhel02'];
    const scenario = { ...head.scenario, migration: { ...head.scenario.migration, path } };
    const picture = renderPicture(
      { ...record, head: { ...head, scenario } },
      packed(samplesOf(10, [HOSTILE])),
    );
    expect([...new Set(picture.match(/<\/?[a-z]+/g))].sort()).toEqual([
      '</svg',
      '</text',
      '<path',
      '<rect',
      '<svg',
      '<text',
    ]);
  });
});
