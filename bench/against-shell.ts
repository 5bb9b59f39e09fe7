/**
 * Thaw against a shell script that a careful person would write: the same runc commands on the same hosts, under the
 * same probe, in pairs ABBA. As root, after `npm run build`:
 *   npx tsx bench/against-shell.ts [PAIRS]
 * CRIU's freezing_time is left out of the ratio: it is either 1 or 101 ms, by chance.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { medianCi95, quantile } from '../harness/analysis/statistics.ts';
import type { Host } from '../harness/host/host.ts';
import { collectFiles, imageArgument, prepareImages } from '../harness/migration/images.ts';
import { type Migration, migrate } from '../harness/migration/migrate.ts';
import type { MigrationObservation, MigrationResult } from '../harness/model.ts';
import { perform } from '../harness/perform.ts';
import { noProgress } from '../harness/report/progress.ts';
import { deriveRecord, onStage } from '../harness/run.ts';
import { loadScenario } from '../harness/scenario/load.ts';

const SCRIPT = join(import.meta.dirname, 'shell.sh');
const pairs = Number(process.argv[2] ?? 60);

/** Thaw in the first and the last of four, the script between them. */
const byThaw = (number: number): boolean => number % 4 === 1 || number % 4 === 0;

const reportsDirectory = mkdtempSync(join(tmpdir(), 'thaw-bench-'));
try {
  const loaded = await loadScenario('scenarios/nginx-established.yaml', {
    count: pairs * 2,
    warmUp: 0,
    rate: 200,
  });
  const { signal } = new AbortController();
  const request = { loaded, reportsDirectory, progress: noProgress(), signal };
  const { directory } = await onStage(request, async ({ stage, store, clock }) => {
    const places = new Map<Host, Place>();
    for (const { host } of stage.testbed.hosts.values()) places.set(host, await placeOf(host));
    try {
      return await perform(stage, {
        store,
        clock,
        progress: request.progress,
        signal,
        migrate: (migration) =>
          byThaw(migration.number) ? migrate(migration) : migrateByShell(migration, places),
        tell: async ({ number, outcome }) => {
          if (outcome.state === 'failed') console.error(`${number}: ${outcome.error}`);
        },
      });
    } finally {
      for (const { end } of places.values()) end();
    }
  });
  tell((await deriveRecord(directory)).migrations);
} finally {
  rmSync(reportsDirectory, { recursive: true });
}

/** How this machine sees a namespace host. */
interface Place {
  pid: number;
  cgroups: string[];
  end(): void;
}

/** By a process that sleeps there: only its own namespaces tell where a host is. */
async function placeOf(host: Host): Promise<Place> {
  const seconds = `3600.${Math.floor(Math.random() * 1e9)}`;
  const sleeper = host.spawn(['sleep', seconds], {});
  for (;;) {
    const pid = readdirSync('/proc').find(
      (name) => /^\d+$/.test(name) && isCommand(name, ['sleep', seconds]),
    );
    if (pid !== undefined)
      return { pid: Number(pid), cgroups: cgroupsOf(pid), end: () => sleeper.kill('SIGKILL') };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isCommand(pid: string, argv: readonly string[]): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `${argv.join('\0')}\0`;
  } catch {
    return false;
  }
}

/** Directories of this machine, one for each hierarchy. */
function cgroupsOf(pid: string): string[] {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [, controllers = '', path = ''] = line.split(':');
    const directory = controllers.replace(/^name=/, '');
    const at = [`/sys/fs/cgroup/${directory}${path}`, `/sys/fs/cgroup/unified${path}`].find((one) =>
      existsSync(join(one, 'cgroup.procs')),
    );
    return at === undefined || path === '/' ? [] : [at];
  });
}

async function migrateByShell(
  migration: Migration,
  places: ReadonlyMap<Host, Place>,
): Promise<MigrationObservation> {
  const { source, destination, container, connections, scenario, clock } = migration;
  await prepareImages(migration);
  const [from, to] = [places.get(source.host), places.get(destination.host)] as [Place, Place];
  const begunMs = clock.now();
  const child = spawn('/bin/sh', [SCRIPT], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      THAW_SOURCE_PID: String(from.pid),
      THAW_SOURCE_CGROUPS: from.cgroups.join(' '),
      THAW_DESTINATION_PID: String(to.pid),
      THAW_DESTINATION_CGROUPS: to.cgroups.join(' '),
      THAW_BUNDLE: container.bundle,
      THAW_ID: container.id,
      THAW_IMAGES: imageArgument(migration) ?? '',
      THAW_CHECKPOINT_FLAGS: connections.checkpointFlags.join(' '),
      THAW_RESTORE_FLAGS: connections.restoreFlags.join(' '),
      THAW_ADDRESS: `${scenario.service.address}/${scenario.service.prefixLength}`,
    },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [status] = (await once(child, 'close')) as [number];
  const endedMs = clock.now();
  if (status !== 0) throw new Error(`the script failed in migration ${migration.number}: ${said}`);
  const { imageBytes, pageImageBytes } = await collectFiles(migration);
  return {
    number: migration.number,
    warmUp: false,
    source: source.host.name,
    destination: destination.host.name,
    begunMs,
    endedMs,
    outcome: { state: 'completed' },
    steps: {},
    hygiene: [],
    faults: [],
    captures: [],
    dumpLog: [],
    restoreLog: [],
    freezer: [],
    clocks: [],
    files: migration.files,
    preDumps: [],
    imageBytes,
    pageImageBytes,
    dropRules: { found: 0, removed: 0 },
    running: [],
    retries: 0,
  };
}

function tell(migrations: readonly MigrationResult[]): void {
  const downtimes = migrations.map(({ downtime, dumpStats }) =>
    'ms' in downtime && 'freezing_time' in dumpStats
      ? { all: downtime.ms, kept: downtime.ms - dumpStats.freezing_time / 1_000 }
      : null,
  );
  const of = (thaw: boolean, what: 'all' | 'kept'): number[] =>
    downtimes.flatMap((one, i) => (one !== null && byThaw(i + 1) === thaw ? [one[what]] : []));
  const ratios: number[] = [];
  for (let i = 0; i + 1 < downtimes.length; i += 2) {
    const [a, b] = [downtimes[i], downtimes[i + 1]];
    if (!a || !b) continue;
    ratios.push(byThaw(i + 1) ? a.kept / b.kept : b.kept / a.kept);
  }
  const line = (what: string, values: readonly number[]): void =>
    console.log(
      `${what.padEnd(44)} median ${(quantile(values, 0.5) ?? Number.NaN).toFixed(1)} ms, p95 ${(quantile(values, 0.95) ?? Number.NaN).toFixed(1)} ms (n = ${values.length})`,
    );
  line('downtime by Thaw', of(true, 'all'));
  line('downtime by the script', of(false, 'all'));
  line('  without freezing_time, by Thaw', of(true, 'kept'));
  line('  without freezing_time, by the script', of(false, 'kept'));
  const interval = medianCi95(ratios, 1);
  console.log(
    `Thaw / script, without freezing_time, in pairs: median ${(quantile(ratios, 0.5) ?? Number.NaN).toFixed(3)}, 95 % interval ${interval?.map((bound) => bound.toFixed(3)).join(' to ')} (${ratios.length} of ${pairs} pairs)`,
  );
}
