/**
 * What cached toolchains add to a run: everything between the name and the hosts' roots, verified, with the trial's
 * answer. Each in turn, so that a slow minute of the machine meets all.
 * `npx tsx bench/toolchains.ts [ROUNDS] NAME…`
 */
import { performance } from 'node:perf_hooks';
import { quantile } from '../harness/analysis/statistics.ts';
import { deferredTranscript } from '../harness/host/transcript.ts';
import { cacheDirectory } from '../harness/paths.ts';
import { chooseToolchains } from '../harness/testbed/toolchains.ts';

const [first = '', ...rest] = process.argv.slice(2);
const rounds = /^\d+$/.test(first) ? Number(first) : 10;
const given = /^\d+$/.test(first) ? rest : [first, ...rest].filter(Boolean);
const names = given.length > 0 ? given : ['debian:forky', 'auto'];
const context = {
  cache: cacheDirectory(),
  announce: (line: string) => process.stderr.write(`${line}\n`),
  signal: new AbortController().signal,
  transcript: deferredTranscript(),
};

async function choose(name: string): Promise<number> {
  const begunMs = performance.now();
  await chooseToolchains({ toolchain: { host: name }, runtime: 'runc' }, context);
  return performance.now() - begunMs;
}

// The first time may build, and reads from disk what is in memory then.
for (const name of names) await choose(name);
const times = new Map(names.map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++) {
  for (const name of names) times.get(name)?.push(await choose(name));
}
for (const [name, ms] of times) {
  const sorted = [...ms].sort((a, b) => a - b);
  const [median, most] = [quantile(sorted, 0.5) ?? 0, sorted.at(-1) as number];
  process.stdout.write(
    `${name}: median ${median.toFixed(0)} ms, at most ${most.toFixed(0)} ms (${rounds} times)\n`,
  );
}
