/**
 * Whole runs with real runc and CRIU: the figures that README and docs name. As root, after `npm run build`:
 *   node --expose-gc --import tsx bench/run.ts [hundred] [long] [heartbeat] [probe]
 * A shared machine is noisy: compare ratios within one run, and medians.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../harness/analysis/statistics.ts';
import type { MigrationResult, RunRecord } from '../harness/model.ts';
import { noProgress } from '../harness/report/progress.ts';
import { runScenario } from '../harness/run.ts';
import { loadScenario } from '../harness/scenario/load.ts';
import type { Overrides } from '../harness/scenario/overrides.ts';
import { inventory } from '../test/e2e/machine.ts';

async function record(
  scenarioPath: string,
  overrides: Overrides,
  onLine: () => void = () => {},
): Promise<RunRecord> {
  const reportsDirectory = mkdtempSync(join(tmpdir(), 'thaw-bench-'));
  const progress = { ...noProgress(), line: onLine };
  const signal = new AbortController().signal;
  try {
    const loaded = await loadScenario(scenarioPath, overrides);
    return (await runScenario({ loaded, reportsDirectory, progress, signal })).record;
  } finally {
    rmSync(reportsDirectory, { recursive: true });
  }
}

function say(what: string, figure: string): void {
  console.log(`${what.padEnd(58)} ${figure}`);
}

function spread(values: readonly number[], unit = 'ms'): string {
  const at = (p: number): string => (quantile(values, p) ?? Number.NaN).toFixed(2);
  return `median ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)} ${unit} (n = ${values.length})`;
}

const measured = ({ migrations }: RunRecord): MigrationResult[] => migrations.filter(({ warmUp }) => !warmUp);

/** 100 migrations in a row: how long, how much memory, and what is left behind. */
async function hundred(): Promise<void> {
  const before = inventory();
  const descriptors = openDescriptors();
  const heaps: number[] = [];
  const begun = performance.now();
  const run = await record('bench/hundred.yaml', {}, () => {
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed);
  });
  const tenth = (i: number): number => quantile(heaps.slice(i * 10, i * 10 + 10), 0.5) as number;
  const completed = run.migrations.filter(({ outcome }) => outcome.state === 'completed').length;
  const first = run.migrations[0];
  const last = run.migrations.at(-1);
  const gaps = measured(run).flatMap(({ gap }) => ('ms' in gap ? [gap.ms] : []));
  say('100 migrations: completed', `${completed} of ${run.migrations.length}`);
  say(
    '  first to last, and the whole run with set-up',
    `${seconds((last?.spans.at(-1)?.end.latest ?? 0) - (first?.spans[0]?.start.earliest ?? 0))}, ${seconds(performance.now() - begun)}`,
  );
  say('  heap after gc, last tenth / second tenth', (tenth(9) / tenth(1)).toFixed(3));
  say(
    '  machine before and after (namespaces, mounts, cgroups …)',
    JSON.stringify(inventory()) === JSON.stringify(before) ? 'the same' : 'DIFFERENT',
  );
  say('  open descriptors before and after', `${descriptors} and ${openDescriptors()}`);
  say('  gap', spread(gaps));
}

/** A long run: what each migration leaves in memory, once as many keep their logs as ever will. */
async function long(): Promise<void> {
  const heaps: number[] = [];
  const count = 240;
  await record('bench/hundred.yaml', { count }, () => {
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed);
  });
  const twenty = (from: number): number => quantile(heaps.slice(from, from + 20), 0.5) as number;
  // The first line is the legend.
  const [early, late] = [twenty(61), twenty(count - 19)];
  const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(2)} MiB`;
  say(`${count} migrations: heap after gc, at 61 to 80 and at the end`, `${mib(early)} and ${mib(late)}`);
  say('  more with each migration', `${((late - early) / (count - 80)).toFixed(0)} bytes`);
}

/** 50 migrations with the heartbeat: does the frozen window hold the freeze as the container lived it? */
async function heartbeat(): Promise<void> {
  const results = measured(await record('bench/heartbeat.yaml', {}));
  const inside = results.filter(({ heartbeat }) => 'inside' in heartbeat && heartbeat.inside).length;
  const widths = results.flatMap(({ frozenWindow: f }) =>
    'window' in f ? [f.window.atMostMs - f.window.atLeastMs] : [],
  );
  say('heartbeat inside the frozen window', `${inside} of ${results.length}`);
  say('  width of the window', spread(widths));
  say('  gap', spread(results.flatMap(({ gap }) => ('ms' in gap ? [gap.ms] : []))));
}

/** The probe against nginx in the testbed, five runs a rate. */
async function probe(): Promise<void> {
  for (const rate of [100, 1_000]) {
    const p99: number[] = [];
    const latency: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { probe: seen } = await record('scenarios/nginx-established.yaml', { rate, count: 2, warmUp: 0 });
      if (seen.lateness !== null) p99.push(seen.lateness.p99);
      if (seen.latency !== null) latency.push(seen.latency.median);
    }
    say(`probe at ${rate}/s: due to sent, p99 of each of five runs`, spread(p99));
    say('  latency from due, median of each run', spread(latency));
  }
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

const parts: Record<string, () => Promise<void>> = { hundred, long, heartbeat, probe };
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(parts);
for (const part of wanted) await parts[part]?.();
