/** Times the pure functions. `npm run bench`; add a function by adding a line to `BENCHES`. */
import { readFileSync } from 'node:fs';
import { Bench, type Task } from 'tinybench';
import { analyse } from '../harness/analysis/analyse.ts';
import { anchor } from '../harness/analysis/anchor.ts';
import { compare } from '../harness/analysis/compare/compare.ts';
import { medianCi95, mulberry32 } from '../harness/analysis/statistics.ts';
import type { LogLine, MigrationObservation, RawRun, RunRecord, Sample } from '../harness/model.ts';
import { parseSample, sampleLine } from '../harness/probe/samples.ts';
import { parseLog } from '../harness/runtime/criu/log.ts';
import { decodeDumpStats } from '../harness/runtime/criu/stats.ts';
import { parseScenario } from '../harness/scenario/load.ts';
import { draw, recordOf } from '../test/analysis/compare/fixture.ts';
import { answered, at, observation, rawRun } from '../test/analysis/fixture.ts';
import { OPTIONS } from '../test/report/comparison/fixture.ts';

const file = (path: string): Buffer => readFileSync(new URL(path, import.meta.url));

// About as long as the restore.log of httpd.
const LOG = criuLog(7_000);
const LINES = parseLog(LOG);
const LOOKS = looksAt(LINES, 48);
const LIFE = { exec: at(1_019), exit: at(1_300) };
const VALUES = Array.from({ length: 100 }, mulberry32(1));
const STATS = file('../test/golden/store/criu/stats-dump');
const RUN = run(10, 100_000);
const SCENARIO = file('../scenarios/httpd.yaml').toString();
const SAMPLE = sampleLine(answered('rhel01', 1_000, 1_001.25));

const LONG_RUNS = { base: [longRun('base', 1)], candidate: [longRun('candidate', 2)] };

const BENCHES: readonly { name: string; run: () => unknown }[] = [
  { name: 'analyse: 10 migrations, 100,000 samples', run: () => analyse(RUN) },
  { name: 'anchor: 7,000 lines, 48 looks', run: () => anchor(LINES, LOOKS, LIFE)?.(0) },
  { name: 'compare: 2 × 10,000 migrations', run: () => compare(LONG_RUNS, OPTIONS) },
  { name: 'medianCi95: 100 values', run: () => medianCi95(VALUES, 1) },
  { name: 'parseLog: 7,000 lines', run: () => parseLog(LOG) },
  { name: 'decodeDumpStats', run: () => decodeDumpStats(STATS, 'stats-dump') },
  { name: 'parseScenario: httpd.yaml', run: () => parseScenario(SCENARIO, 'httpd.yaml') },
  { name: 'parseSample', run: () => parseSample(SAMPLE) },
];

const bench = new Bench({ time: 500, warmupTime: 100, iterations: 10, warmupIterations: 2 });
for (const { name, run } of BENCHES) bench.add(name, run);
await bench.run();
for (const line of table(bench.tasks)) console.log(line);

/** The median, the median distance from it (MAD), and how many samples there were. */
function table(tasks: readonly Task[]): string[] {
  const rows = tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`, { cause: result });
    const { p50, mad, samplesCount } = result.latency;
    return [name, duration(p50), `± ${duration(mad)}`, String(samplesCount)];
  });
  const all = [['function', 'median', '', 'samples'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map(([name = '', ...figures]) =>
    [name.padEnd(widths[0] ?? 0), ...figures.map((figure, i) => figure.padStart(widths[i + 1] ?? 0))].join(
      '  ',
    ),
  );
}

function duration(ms: number): string {
  return ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1_000).toFixed(2)} µs`;
}

/** Lines 30 µs apart, with those in the middle and at the end that the frozen window is read from. */
function criuLog(lines: number): Buffer {
  const said = new Map([
    [100, 'freezing cgroup /sys/fs/cgroup/freezer/web: 100 x 100ms attempts, timeout: 10s'],
    [110, 'freezer.state=FROZEN'],
    [lines - 2, 'Restore finished successfully. Tasks resumed.'],
  ]);
  const line = (i: number): string => said.get(i) ?? `pagemap-cache: filling line ${i}`;
  const stamp = (i: number): string => `(00.${String(i * 30).padStart(6, '0')})`;
  return Buffer.from(Array.from({ length: lines }, (_, i) => `${stamp(i)} ${line(i)}\n`).join(''));
}

function looksAt(lines: readonly LogLine[], count: number): MigrationObservation['dumpLog'] {
  return Array.from({ length: count }, (_, i) => {
    const { offsetMs, endByte } = lines[Math.floor((i * lines.length) / count)] as LogLine;
    return { beforeMs: 1_020 + offsetMs, afterMs: 1_020.01 + offsetMs, bytes: endByte };
  });
}

/** Values as they were recorded, but hardly two alike. */
function longRun(id: string, seed: number): RunRecord {
  const random = mulberry32(seed);
  const record = recordOf({ id, picks: draw(10_000, random) });
  const distributions = record.distributions.map((one) => ({
    ...one,
    values: one.values.map((value) => value * (1 + random() / 100)),
  }));
  return { ...record, distributions };
}

/** Migrations a second apart, and samples at an even rate, all answered. */
function run(migrations: number, samples: number): RawRun {
  const periodMs = (migrations * 1_000) / samples;
  function* stream(): Generator<Sample> {
    for (let n = 0; n < samples; n++) {
      const due = n * periodMs;
      const host = Math.floor((due + 700) / 1_000) % 2 === 0 ? 'rhel01' : 'rhel02';
      yield answered(host, due, due + 1, { n, connection: n + 1 });
    }
  }
  const files = {
    dumpStats: decodeDumpStats(STATS, 'stats-dump'),
    restoreStats: null,
    preDumpStats: [],
    lazyPages: null,
    otherLogs: { preDumps: [], lazyPages: null, pageServer: null, rollBack: null },
    inventory: null,
    dumpLog: LINES,
    restoreLog: LINES,
    evidence: [],
    container: { before: null, after: null },
    pageSize: 4_096,
  };
  return rawRun({
    migrations: Array.from({ length: migrations }, (_, i) => ({
      observation: observation({
        number: i + 1,
        source: i % 2 === 0 ? 'rhel01' : 'rhel02',
        destination: i % 2 === 0 ? 'rhel02' : 'rhel01',
        begunMs: i * 1_000,
        endedMs: i * 1_000 + 310,
        dumpLog: LOOKS,
        restoreLog: LOOKS,
      }),
      files,
    })),
    samples: { [Symbol.iterator]: stream },
  });
}
