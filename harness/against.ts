/**
 * Two toolchains in one session, in turns (base, candidate, candidate, base …): what the machine does meanwhile, it does
 * to both.
 */
import { type RunRequest, runScenario } from './run.ts';
import type { LoadedScenario } from './scenario/load.ts';

export interface AgainstRequest extends Omit<RunRequest, 'loaded'> {
  /** The same scenario with either toolchain. */
  base: LoadedScenario;
  candidate: LoadedScenario;
  /** Runs of each. */
  rounds: number;
}

type Side = 'base' | 'candidate';

/** Run directories, in the order in which they were run. */
export type Sides = Record<Side, string[]>;

/** Throws a ThawError where a run could not begin, or was interrupted; the runs before it are kept. */
export async function runAgainst(request: AgainstRequest): Promise<Sides> {
  const { rounds, progress, signal } = request;
  const sides: Sides = { base: [], candidate: [] };
  const turns = turnsOf(rounds);
  for (const [i, side] of turns.entries()) {
    signal.throwIfAborted();
    progress.line(`run ${i + 1} of ${turns.length}: ${side}, ${toolchainsOf(request[side])}`);
    const { directory } = await runScenario({ ...request, loaded: request[side] });
    sides[side].push(directory);
  }
  signal.throwIfAborted();
  return sides;
}

/** ABBA ABBA …: a drift that goes on in one direction weighs on both alike. */
export function turnsOf(rounds: number): Side[] {
  return Array.from({ length: rounds }, (_, i): Side[] =>
    i % 2 === 0 ? ['base', 'candidate'] : ['candidate', 'base'],
  ).flat();
}

function toolchainsOf({ scenario }: LoadedScenario): string {
  const all = Object.entries(scenario.toolchain);
  const [first, ...others] = new Set(all.map(([, name]) => name));
  return others.length === 0 ? `${first}` : all.map(([host, name]) => `${host}=${name}`).join(', ');
}
