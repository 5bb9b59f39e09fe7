/**
 * Faults on purpose: everything is made ready before the freeze, begins so long after a phase has begun, lasts no longer
 * than the scenario says, and is undone before the migration is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrawnFault } from '../analysis/faults/draw.ts';
import { messageOf, ThawError } from '../errors.ts';
import { CommandError } from '../host/host.ts';
import type { FaultKind, FaultObservation, FaultPhase, Phase } from '../model.ts';
import type { Disturb, DisturbedKind, TestbedHost } from '../testbed/testbed.ts';
import { killerOfCriu } from './kill-criu.ts';
import type { Migration } from './migrate.ts';

export interface FaultTools {
  drawn: readonly DrawnFault[];
  disturb: Disturb;
  /** Ends the probe, as if its machine were gone. */
  killClient(): void;
}

export interface ArmedFaults {
  /** A phase has begun. */
  begin(phase: Phase): void;
  /** All have been undone when it resolves. */
  end(): Promise<FaultObservation[]>;
}

/** What one fault does. `begin` tells what it did; null: there was nothing to break. */
export interface Fault {
  begin(): Promise<string | null>;
  undo(): Promise<void>;
}

export async function armFaults(migration: Migration): Promise<ArmedFaults> {
  const { faults: tools, clock } = migration;
  const all = await Promise.all(
    (tools?.drawn ?? []).map(async (drawn) => {
      const armed = await armOne(migration, tools as FaultTools, drawn).catch(unlessCommand);
      return follow(drawn, hostOf(migration, drawn), armed, clock);
    }),
  );
  return {
    begin(phase) {
      for (const one of all) if (one.at === phase) one.begin();
    },
    end: () => Promise.all(all.map((one) => one.end())),
  };
}

/** The command with the fault point of its phase, if it has one. */
export function withCriuFault(
  { faults }: Pick<Migration, 'faults'>,
  at: FaultPhase,
  argv: readonly string[],
): string[] {
  const fault = faults?.drawn.find((one) => one.kind === 'criu-fault' && one.at === at);
  return fault === undefined ? [...argv] : ['env', `CRIU_FAULT=${fault.number}`, ...argv];
}

function follow(
  { kind, at, afterMs, forMs }: DrawnFault,
  host: string,
  armed: Fault | { unable: string },
  clock: Migration['clock'],
): { at: FaultPhase; begin(): void; end(): Promise<FaultObservation> } {
  const told: FaultObservation = {
    ...{ kind, at, host, afterMs, begunMs: null, endedMs: null },
    ...('unable' in armed
      ? { state: 'skipped', what: armed.unable }
      : { state: 'missed', what: 'its moment did not come' }),
  };
  const over = new AbortController();
  let acting: Promise<void> | null = null;
  const act = async (fault: Fault): Promise<void> => {
    await sleep(afterMs, undefined, { signal: over.signal });
    told.begunMs = clock.now();
    const did = await fault.begin();
    if (did === null) told.what = 'there was nothing to break';
    else Object.assign(told, { state: 'injected', what: did });
    if (did !== null && LASTING.includes(kind)) await sleep(forMs);
  };
  return {
    at,
    begin() {
      if ('unable' in armed || acting !== null) return;
      acting = act(armed)
        .catch((error) => {
          if (error instanceof CommandError) told.what = messageOf(error).slice(0, 400);
          else if (!over.signal.aborted) throw error;
        })
        .finally(() => undone(armed, told))
        .then(() => {
          if (told.begunMs !== null) told.endedMs = clock.now();
        });
      // Whoever ends it hears of an error.
      acting.catch(() => {});
    },
    async end() {
      over.abort();
      if (acting !== null) await acting;
      else if ('undo' in armed) await undone(armed, told);
      return told;
    },
  };
}

/** What cannot be undone is told; the hosts are looked at anyway. */
async function undone(fault: Fault, told: FaultObservation): Promise<void> {
  try {
    await fault.undo();
  } catch (error) {
    if (!(error instanceof ThawError)) throw error;
    told.what += `; it could not be undone: ${messageOf(error).slice(0, 400)}`;
  }
}

const LASTING: readonly FaultKind[] = [
  'freeze-host',
  'cut-network',
  'slow-network',
  'fill-share',
  'hang-share',
  'jump-clock',
];

function hostOf({ source, destination }: Migration, { place }: DrawnFault): string {
  if (place === 'client') return 'client';
  return (place === 'source' ? source : destination).host.name;
}

const FROM_OUTSIDE: Partial<Record<FaultKind, [DisturbedKind, string]>> = {
  'freeze-host': ['freeze', 'all processes of the host stood still'],
  'kill-host': ['kill', 'all processes of the host were killed'],
  'cut-network': ['cut', 'its network was cut'],
  'slow-network': ['slow', 'its network had 1 Mbit/s'],
  'fill-share': ['fill', 'no byte more fitted on the share'],
  'hang-share': ['hang', 'whoever wrote to the share waited'],
};

async function armOne(
  migration: Migration,
  tools: FaultTools,
  drawn: DrawnFault,
): Promise<Fault | { unable: string }> {
  const { kind, place, forMs } = drawn;
  const name = hostOf(migration, drawn);
  const outside = FROM_OUTSIDE[kind];
  if (outside !== undefined) {
    const [what, did] = outside;
    const disturbed = await tools.disturb(what, name);
    if ('unable' in disturbed) return disturbed;
    const begin = async (): Promise<string> => {
      await disturbed.begin();
      return did;
    };
    return { begin, undo: disturbed.undo };
  }
  const at = place === 'destination' ? migration.destination : migration.source;
  switch (kind) {
    case 'kill-criu':
      return killerOfCriu(at.host, migration.container);
    case 'jump-clock':
      return migration.scenario.testbed.kind === 'vagrant'
        ? clockJump(at, forMs)
        : { unable: 'only the clock of a virtual machine is set: others belong to somebody' };
    case 'kill-client':
      return {
        async begin() {
          tools.killClient();
          return 'the probe was killed';
        },
        undo: async () => {},
      };
    default:
      return { begin: async () => `CRIU_FAULT=${drawn.number}`, undo: async () => {} };
  }
}

function clockJump({ host }: TestbedHost, byMs: number): Fault {
  const set = async (sign: '+' | '-'): Promise<void> => {
    await host.exec(['date', '--set', `${sign}${Math.ceil(byMs / 1_000)} seconds`], { timeoutMs: 30_000 });
  };
  let jumped = false;
  return {
    async begin() {
      jumped = true;
      await set('+');
      return `its clock was set forward by ${Math.ceil(byMs / 1_000)} s`;
    },
    undo: async () => {
      if (jumped) await set('-');
    },
  };
}

function unlessCommand(error: unknown): { unable: string } {
  if (!(error instanceof CommandError)) throw error;
  return { unable: messageOf(error).slice(0, 400) };
}
