/**
 * The gap over SSH against the round trip of the same hosts: at most two of them and 5 ms are wanted.
 * `npx tsx bench/ssh-gap.ts [COUNT]` (after `npm run build`, as root): a counter between two namespaces, each with an sshd.
 * `npx tsx bench/ssh-gap.ts RUN`: of a run that was made between other machines.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gapOf } from '../harness/analysis/gap.ts';
import { isUnknown } from '../harness/analysis/intervals.ts';
import { quantile } from '../harness/analysis/statistics.ts';
import type { MigrationObservation } from '../harness/model.ts';
import { sshLab } from '../test/e2e/ssh-lab.ts';
import { scratch } from '../test/e2e/thaw.ts';

const WANTED_MS = 5;
/** A machine that has no runc of its own can do it too. */
const NEWER = ['--toolchain', 'debian:forky'];
const [given = '50'] = process.argv.slice(2);
const observations = /^\d+$/.test(given) ? await migrated(given) : observationsOf(given);

/** The shortest of twelve questions for a host's clock, before and after each migration: what crosses the line twice. */
const roundTrips = observations.flatMap(({ clocks }) =>
  clocks.map(({ askedMs, answeredMs }) => answeredMs - askedMs),
);
const gaps = observations.flatMap((observation) => {
  const gap = gapOf(observation);
  return isUnknown(gap) ? [] : [gap.ms];
});
const roundTripMs = middle(roundTrips);
const limitMs = 2 * roundTripMs + WANTED_MS;
const within = gaps.filter((ms) => ms <= limitMs).length;
process.stdout.write(
  [
    `round trip: median ${shown(roundTripMs)} of ${roundTrips.length}, p95 ${shown(quantile(roundTrips, 0.95) ?? 0)}`,
    `gap: median ${shown(middle(gaps))} of ${gaps.length}, p95 ${shown(quantile(gaps, 0.95) ?? 0)}, at most ${shown(quantile(gaps, 1) ?? 0)}`,
    `two round trips and ${WANTED_MS} ms: ${shown(limitMs)}; ${within} of ${gaps.length} are within`,
    '',
  ].join('\n'),
);

async function migrated(count: string): Promise<MigrationObservation[]> {
  const folder = scratch();
  const lab = await sshLab(folder);
  try {
    const options = [
      '--testbed',
      `ssh:${lab.inventory}`,
      '--count',
      count,
      '--reports',
      folder.path,
      '--json',
    ];
    const ended = await lab.thaw('run', 'scenarios/counter.yaml', '--no-limits', ...NEWER, ...options);
    if (ended.stdout === '') throw new Error(`no run: exit ${ended.status}: ${ended.stderr}`);
    const [run] = readdirSync(join(folder.path, 'counter')).filter((name) => name !== 'latest');
    return observationsOf(join(folder.path, 'counter', run as string));
  } finally {
    await lab.close();
    folder.remove();
  }
}

function observationsOf(run: string): MigrationObservation[] {
  const file = join(run, 'migrations.ndjson');
  if (!existsSync(file)) throw new Error(`${run} has no migrations.ndjson`);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as MigrationObservation)
    .filter(({ warmUp, outcome }) => !warmUp && outcome.state === 'completed');
}

function middle(values: readonly number[]): number {
  return quantile(values, 0.5) ?? 0;
}

function shown(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
