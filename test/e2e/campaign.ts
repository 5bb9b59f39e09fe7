/**
 * Faults on purpose by the hundred: each seed is one fault of a random kind at a random moment. Runs take as many seeds as
 * they live for, and after each the machine is looked at. `bench/faults.ts` runs 200 of them, a test some.
 */
import { mulberry32 } from '../../harness/analysis/statistics.ts';
import { phasesOf, suits } from '../../harness/fault.ts';
import type { FaultKind, FaultPhase, RunRecord } from '../../harness/model.ts';
import { CGROUP_PREFIX } from '../../harness/paths.ts';
import { noProgress } from '../../harness/report/progress.ts';
import { runScenario } from '../../harness/run.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { cleanUp } from '../../harness/testbed/clean.ts';
import { cgroupsNamed, hierarchies } from '../../harness/testbed/netns/cgroups.ts';
import { leases } from '../../harness/testbed/netns/lease.ts';

export interface SeedResult {
  seed: number;
  fault: string;
  state: 'injected' | 'missed' | 'skipped';
  outcome: string;
}

export interface Campaign {
  seeds: SeedResult[];
  runs: number;
  /** What must never be; each with the run directory. */
  wrong: string[];
}

/** Until so many faults took place, from the first seed on. */
export async function campaign(
  { first, injected }: { first: number; injected: number },
  reportsDirectory: string,
  tell: (line: string) => void = () => {},
): Promise<Campaign> {
  const done: Campaign = { seeds: [], runs: 0, wrong: [] };
  const before = await leftovers();
  let next = first;
  const count = (): number => done.seeds.filter(({ state }) => state === 'injected').length;
  while (count() < injected) {
    const seeds = seedsOfRun(next, Math.min(SEEDS_A_RUN, injected - count()));
    const loaded = {
      scenario: parseScenario(scenarioOf(seeds), 'campaign.yaml'),
      file: 'campaign.yaml',
      text: scenarioOf(seeds),
    };
    const signal = new AbortController().signal;
    const { record, directory } = await runScenario({
      loaded,
      reportsDirectory,
      progress: noProgress(),
      signal,
    });
    done.runs++;
    const told = toldOf(record, seeds);
    if (told.length === 0) throw new Error(`no migration in ${directory}: ${record.tail?.reason}`);
    done.seeds.push(...told);
    next += told.length;
    const wrong = [...wrongIn(record), ...(await leftOf(before))];
    done.wrong.push(...wrong.map((what) => `${directory}: ${what}`));
    for (const line of told) tell(`${line.seed} ${line.fault}: ${line.state}, ${line.outcome}`);
    for (const what of wrong) tell(`WRONG ${directory}: ${what}`);
  }
  return done;
}

const SEEDS_A_RUN = 10;
const STRATEGIES = ['stop-and-copy', 'copy', 'post-copy'] as const;
/** How often each is drawn. */
const KINDS: [FaultKind, number][] = [
  ['kill-criu', 6],
  ['criu-fault', 3],
  ['freeze-host', 3],
  ['cut-network', 2],
  ['slow-network', 1],
  ['fill-share', 3],
  ['hang-share', 2],
  ['kill-host', 1],
  ['kill-client', 1],
];
/** After these a run cannot go on. */
const LAST: readonly FaultKind[] = ['kill-host', 'kill-client'];
/** CRIU's fault points that end a dump, and a restore. */
const POINTS: Partial<Record<FaultPhase, number[]>> = { dump: [1, 3, 5], restore: [2, 6] };

type Drawn = { seed: number; kind: FaultKind; at: FaultPhase; afterMs: number; number: number | null };

function strategyOf(first: number): (typeof STRATEGIES)[number] {
  return STRATEGIES[Math.floor(mulberry32(first)() * STRATEGIES.length)] as (typeof STRATEGIES)[number];
}

function seedsOfRun(first: number, atMost: number): Drawn[] {
  const strategy = strategyOf(first);
  const seeds: Drawn[] = [];
  for (let seed = first; seeds.length < atMost; seed++) {
    const drawn = draw(seed, strategy);
    seeds.push(drawn);
    if (LAST.includes(drawn.kind)) break;
  }
  return seeds;
}

function draw(seed: number, strategy: (typeof STRATEGIES)[number]): Drawn {
  const random = mulberry32(seed * 7_919);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const kind = pick(KINDS.flatMap(([one, weight]) => Array<FaultKind>(weight).fill(one)));
  const phases = strategy === 'copy' ? phasesOf('stop-and-copy', 'copy') : phasesOf(strategy, 'share');
  const at = pick(phases.filter((phase) => suits(kind, phase)));
  const longest = at === 'dump' ? 180 : 60;
  const points = kind === 'criu-fault' ? POINTS[at] : undefined;
  return { seed, kind, at, afterMs: Math.round(random() * longest), number: points ? pick(points) : null };
}

function scenarioOf(seeds: readonly Drawn[]): string {
  const [first] = seeds as [Drawn];
  const strategy = strategyOf(first.seed);
  const faults = seeds.map(
    ({ kind, at, afterMs, number }, i) =>
      `  - { kind: ${kind}, at: ${at}, after: ${afterMs}ms, for: 500ms, migrations: [${i + 1}]${number === null ? '' : `, number: ${number}`} }`,
  );
  return `name: campaign
why: seeds ${first.seed} to ${first.seed + seeds.length - 1}
seed: ${first.seed}
bundle:
  root: { debian: { suite: bookworm, packages: [perl-base] } }
  counter: { memory: 16MiB }
  user-namespace: never
migration:
  strategy: ${strategy === 'copy' ? 'stop-and-copy' : strategy}
  transfer: ${strategy === 'copy' ? 'copy' : 'share'}
  count: ${seeds.length}
  warm-up: 0
  pause: 50ms
  image-directory: per-migration
  timeout: 15s
probe: { timeout: 1s }
faults:
${faults.join('\n')}
`;
}

function toldOf({ migrations }: RunRecord, seeds: readonly Drawn[]): SeedResult[] {
  return migrations.flatMap(({ faults, outcome }, i): SeedResult[] => {
    const [fault] = faults;
    const drawn = seeds[i];
    if (fault === undefined || drawn === undefined) return [];
    const { kind, at, host, afterMs, state } = fault;
    const ended =
      outcome.state === 'completed'
        ? 'completed'
        : `failed at ${outcome.phase}, ${outcome.survivor === null ? 'lost' : `on ${outcome.survivor}`}`;
    return [{ seed: drawn.seed, fault: `${kind} at ${at} +${afterMs} ms on ${host}`, state, outcome: ended }];
  });
}

const NEVER = [
  'after faults',
  'one container',
  'no split brain',
  'no lost state',
  'start time',
  'known hosts',
];

/** Two containers, a state that is lost without a word, or a record that is not whole. */
function wrongIn(record: RunRecord): string[] {
  const failed = record.verdicts
    .filter(({ check, state }) => NEVER.includes(check) && state === 'fail')
    .map(({ check, why }) => `${check}: ${why}`);
  return record.tail === null ? ['the record has no end', ...failed] : failed;
}

async function leftovers(): Promise<string[]> {
  const { removed, left } = await cleanUp({ dryRun: true });
  return [...removed, ...left.map(({ what }) => what)];
}

/** What `thaw clean` would find were this process dead: its testbeds are named by its PID. */
async function leftOf(before: readonly string[]): Promise<string[]> {
  const own = `-${process.pid.toString(36)}-`;
  const names = [...leases().map(({ id }) => id), ...cgroupsNamed(hierarchies(), CGROUP_PREFIX)];
  return [
    ...(await leftovers()).filter((what) => !before.includes(what)),
    ...names.filter((name) => name.includes(own)).map((name) => `${name} is still there`),
  ];
}
