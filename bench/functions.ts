/** Times the pure functions. `npm run bench`; add a function by adding a line to `BENCHES`. */
import { Bench } from 'tinybench';
import { analyse } from '../harness/analysis/analyse.ts';
import { anchor } from '../harness/analysis/anchor.ts';
import { medianCi95, mulberry32 } from '../harness/analysis/statistics.ts';
import type { LogLine, MigrationObservation, RawRun, Sample } from '../harness/model.ts';
import { parseLog } from '../harness/runtime/criu/log.ts';
import { observation, rawRun } from '../test/analysis/fixture.ts';

const LOG = criuLog(8_000);
const LINES = parseLog(LOG);
const LOOKS = looksAt(LINES, 48);
const VALUES = Array.from({ length: 100 }, mulberry32(1));
const RUN = run(100, 100_000);

const BENCHES: readonly { name: string; run: () => unknown }[] = [
  { name: 'analyse: 100 migrations, 100,000 samples', run: () => analyse(RUN) },
  {
    name: 'anchor: 8,000 lines, 48 looks',
    run: () => anchor(LINES, LOOKS, observation().steps.checkpoint as never)?.(0),
  },
  { name: 'medianCi95: 100 values', run: () => medianCi95(VALUES, 1) },
  { name: 'parseLog: 8,000 lines', run: () => parseLog(LOG) },
];

const bench = new Bench({ time: 500, warmupTime: 100 });
for (const { name, run } of BENCHES) bench.add(name, run);
await bench.run();
console.table(bench.table());

function criuLog(lines: number): Buffer {
  const stamp = (us: number): string => `(00.${String(us).padStart(6, '0')})`;
  return Buffer.from(
    Array.from({ length: lines }, (_, i) => `${stamp(i * 30)} pagemap-cache: filling line ${i}\n`).join(''),
  );
}

function looksAt(lines: readonly LogLine[], count: number): MigrationObservation['dumpLog'] {
  return Array.from({ length: count }, (_, i) => {
    const { offsetMs, endByte } = lines[Math.floor((i * lines.length) / count)] as LogLine;
    return { beforeMs: 1_020 + offsetMs, afterMs: 1_020.01 + offsetMs, bytes: endByte };
  });
}

/** Migrations each second, and samples at an even rate, all answered. */
function run(migrations: number, samples: number): RawRun {
  const periodMs = (migrations * 1_000) / samples;
  function* stream(): Generator<Sample> {
    for (let n = 0; n < samples; n++) {
      const due = n * periodMs;
      const host = Math.floor((due + 700) / 1_000) % 2 === 0 ? 'rhel01' : 'rhel02';
      yield {
        n,
        due,
        state: 'answered',
        sent: due,
        firstByte: due + 1,
        end: due + 1,
        status: 200,
        host,
        bytes: 7,
        connection: n,
      };
    }
  }
  const files = {
    dumpStats: null,
    restoreStats: null,
    inventory: null,
    dumpLog: LINES,
    restoreLog: LINES,
    pageSize: 4_096,
  };
  return rawRun({
    migrations: Array.from({ length: migrations }, (_, i) => ({
      observation: observation({
        number: i + 1,
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
