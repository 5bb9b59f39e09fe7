import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadScenario } from '../../harness/scenario/load.ts';
import { simplifications } from '../../harness/scenario/simplify.ts';
import { documentOf, type ScenarioDocument, understood } from '../../harness/scenario/write.ts';

const load = async (name: string): Promise<ScenarioDocument> =>
  documentOf((await loadScenario(join(import.meta.dirname, `../../scenarios/${name}.yaml`))).scenario);

/** As `thaw repro --minimise` goes about it, with a test in place of runs. */
function smallest(document: ScenarioDocument, fails: (one: ScenarioDocument) => boolean) {
  const needed = new Set<string>();
  let [now, steps] = [document, 0];
  for (;;) {
    const next = simplifications(now).find(({ what }) => !needed.has(what));
    if (next === undefined) return { now, steps };
    if (++steps > 500) throw new Error('it goes on for ever');
    if (fails(next.document)) now = next.document;
    else needed.add(next.what);
  }
}

describe('what a failing scenario can do without', () => {
  test('each is a scenario, and none has its root, command or name touched', async () => {
    for (const name of ['httpd', 'counter', 'redis', 'failures/file-lock']) {
      const document = await load(name);
      const all = simplifications(document);
      expect(all.length).toBeGreaterThan(3);
      const { bundle } = document as { bundle: { root: { debian: unknown }; args: unknown } };
      for (const one of all) {
        expect(understood(one.document), one.what).not.toBeNull();
        expect(one.document.name).toBe(document.name);
        const kept = one.document.bundle as typeof bundle;
        expect(kept.args).toEqual(bundle.args);
        if (one.what !== 'without bundle.root.debian') expect(kept.root.debian).toEqual(bundle.root.debian);
      }
    }
  });

  test.each(['httpd', 'counter', 'nginx-established', 'failures/file-lock', 'pre-copy'])(
    'of %s little is left where everything fails, and all of it is left where nothing else does',
    async (name) => {
      const document = await load(name);
      const { now } = smallest(document, () => true);
      expect(Object.keys(now).length).toBeLessThanOrEqual(5);
      expect(now.migration).toEqual(expect.objectContaining({ count: 1, 'warm-up': 0 }));
      const { now: whole, steps } = smallest(document, () => false);
      expect(whole).toEqual(document);
      expect(steps).toBe(simplifications(document).length);
    },
  );

  test('finds the two things that a failure needs', async () => {
    const document = await load('counter');
    const needs = (one: ScenarioDocument): boolean => {
      const { memory = '0MiB', files = 0 } = (one.bundle as { counter: { memory?: string; files?: number } })
        .counter;
      return Number.parseInt(memory, 10) >= 8 && files > 2;
    };
    expect(needs(document)).toBe(true);
    const { now } = smallest(document, needs);
    expect(parse(JSON.stringify(now.bundle)).counter).toEqual({ memory: '8MiB', files: 4 });
  });
});
