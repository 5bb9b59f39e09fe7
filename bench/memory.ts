/**
 * Stop-and-copy of much memory, and after each migration `dd` of as many bytes to the same share. As root, after
 * `npm run build`:
 *   npx tsx bench/memory.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../harness/analysis/statistics.ts';
import type { Host } from '../harness/host/host.ts';
import type { RunRecord } from '../harness/model.ts';
import { perform } from '../harness/perform.ts';
import { noProgress } from '../harness/report/progress.ts';
import { deriveRecord, onStage } from '../harness/run.ts';
import { type LoadedScenario, loadSweep } from '../harness/scenario/load.ts';
import { hostOf } from '../harness/testbed/testbed.ts';

const reportsDirectory = mkdtempSync(join(tmpdir(), 'thaw-bench-'));
try {
  for (const cell of (await loadSweep(join(import.meta.dirname, 'memory.yaml'), {})).cells) {
    const { record, ddMs } = await measured(cell);
    tell(cell.scenario.cell['bundle.counter.memory'] ?? '', record, ddMs);
  }
} finally {
  rmSync(reportsDirectory, { recursive: true });
}

async function measured(loaded: LoadedScenario): Promise<{ record: RunRecord; ddMs: number[] }> {
  const { signal } = new AbortController();
  const progress = noProgress();
  const ddMs: number[] = [];
  const { directory } = await onStage({ loaded, reportsDirectory, progress, signal }, (staged) =>
    perform(staged.stage, {
      ...staged,
      progress,
      signal,
      tell: async ({ number, imageBytes, outcome, source }) => {
        if (outcome.state === 'failed') throw new Error(`migration ${number}: ${outcome.error}`);
        ddMs.push(await dd(hostOf(staged.stage.testbed, source).host, imageBytes ?? 0));
      },
    }),
  );
  return { record: await deriveRecord(directory), ddMs };
}

/** How long dd itself says that it took. */
async function dd(host: Host, bytes: number): Promise<number> {
  const limit = { timeoutMs: 60_000 };
  const file = '/runc/images/dd';
  const size = [`count=${bytes}`, 'iflag=count_bytes'];
  const { stderr } = await host.exec(['dd', 'if=/dev/zero', `of=${file}`, 'bs=1M', ...size], limit);
  await host.exec(['rm', '-f', '--', file], limit);
  return Number(/copied, ([\d.]+) s/.exec(stderr)?.[1]) * 1_000;
}

function tell(memory: string, { distributions, migrations }: RunRecord, ddMs: readonly number[]): void {
  const valuesOf = (name: string): number[] =>
    distributions.find(({ measurement }) => measurement === name)?.values ?? [];
  const mb = median(valuesOf('image-bytes')) / 1e6;
  const frozen = median(valuesOf('frozen-window'));
  const plain = median(ddMs);
  const rate = (ms: number): string => `${(mb / (ms / 1_000)).toFixed(0)} MB/s`;
  console.log(
    `${memory.padEnd(7)} ${mb.toFixed(0)} MB of images: frozen window ${frozen.toFixed(0)} ms (${rate(frozen)}), dd ${plain.toFixed(0)} ms (${rate(plain)}), freeze / dd ${(frozen / plain).toFixed(2)}; medians of ${valuesOf('frozen-window').length} of ${migrations.filter(({ warmUp }) => !warmUp).length}`,
  );
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5) ?? Number.NaN;
}
