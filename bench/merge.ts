/**
 * How long `thaw merge` takes for many shards, and `thaw compare` for long runs, each as a process of its own with all
 * that it reads. After `npm run build`: npx tsx bench/merge.ts [SHARDS] [CELLS OF EACH] [MIGRATIONS]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { mulberry32, quantile } from '../harness/analysis/statistics.ts';
import type { SuiteResult } from '../harness/analysis/suite/result.ts';
import { saveSuiteResult } from '../harness/store/suite.ts';
import { draw, recordOf } from '../test/analysis/compare/fixture.ts';
import { suiteOf } from '../test/report/suite/fixture.ts';
import { withFiles } from '../test/store/fixture.ts';

const [shards = 50, cells = 20, migrations = 10_000] = process.argv.slice(2).map(Number);
const MAIN = new URL('../dist/main.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'thaw-merge-'));
try {
  await merging();
  await comparing();
} finally {
  rmSync(folder, { recursive: true });
}

async function merging(): Promise<void> {
  const [cell] = suiteOf().cells;
  if (cell === undefined) throw new Error('the fixture has no cell');
  const all = Array.from({ length: shards * cells }, (_, i) => ({ ...cell, id: `httpd[n=${i}]` }));
  const planned = all.map(({ id, scenario, values, expect, wanted }) => ({
    id,
    scenario,
    values,
    expect,
    wanted,
  }));
  const files = Array.from({ length: shards }, (_, i) => {
    const own = all.slice(i * cells, (i + 1) * cells);
    const result: SuiteResult = { ...suiteOf(), planned, cells: own, shard: { index: i + 1, of: shards } };
    const file = join(folder, `shard-${i}.json`);
    saveSuiteResult(file, result);
    return file;
  });
  await timed(`merge of ${shards} shards with ${cells} cells each`, ['merge', ...files, '--json']);
}

async function comparing(): Promise<void> {
  const files = ['base', 'candidate'].map((id, i) => {
    const file = join(folder, `${id}.json`);
    writeFileSync(
      file,
      JSON.stringify(withFiles(recordOf({ id, picks: draw(migrations, mulberry32(i + 1)) }))),
    );
    return file;
  });
  await timed(`compare of 2 × ${migrations} migrations`, ['compare', ...files, '--json']);
}

async function timed(what: string, argv: readonly string[]): Promise<void> {
  const seconds: number[] = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...argv], { reject: false });
    seconds.push((performance.now() - began) / 1_000);
    if (exitCode === 64 || stdout === '') throw new Error(stderr);
  }
  const [median, max] = [quantile(seconds, 0.5) ?? 0, Math.max(...seconds)];
  console.log(`${what}: median ${median.toFixed(2)} s, at most ${max.toFixed(2)} s`);
}
