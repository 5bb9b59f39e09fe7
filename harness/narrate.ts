/** What a person sees while migrations happen: one line each, as soon as it is on disk. */
import { join } from 'node:path';
import { analyseMigration } from './analysis/analyse.ts';
import { verdictSoFar } from './analysis/verdict-so-far.ts';
import { BEFORE_MS } from './analysis/windows.ts';
import type { MigrationObservation, Sample } from './model.ts';
import type { Stage } from './prepare.ts';
import { tailSamples } from './probe/samples.ts';
import { renderMigrationLegend, renderMigrationLine } from './report/migration-line.ts';
import type { Progress } from './report/progress.ts';
import { loadFiles } from './store/load.ts';
import type { RunStore } from './store/store.ts';

export interface Narrator {
  tell(observation: MigrationObservation): Promise<void>;
  /** Reads the samples that have come since it last did. */
  look(): void;
}

/** Tells migrations. It reads the samples from disk as they come, and shows each to `see`. */
export function narrator(
  store: RunStore,
  { scenario, facts }: Stage,
  progress: Progress,
  see: (sample: Sample) => void = () => {},
): Narrator {
  const { warmUp, count, forMs } = scenario.migration;
  const total = forMs === null ? warmUp + count : null;
  const tail = tailSamples(store.samplesFile);
  let recent: Sample[] = [];
  let ended = false;
  const soFar = verdictSoFar(scenario);
  const look = (): void => {
    if (ended) return;
    const fresh = tail.next();
    for (const sample of fresh) see(sample);
    recent = recent.concat(fresh);
  };
  const tell = async (observation: MigrationObservation): Promise<void> => {
    if (observation.number === 1) progress.legend(renderMigrationLegend(progress.style));
    look();
    recent = recent.filter(({ due }) => due >= observation.begunMs - BEFORE_MS);
    const view = {
      before: recent.filter(({ due }) => due < observation.begunMs),
      own: recent.filter(({ due }) => due >= observation.begunMs),
    };
    const files = loadFiles(join(store.directory, observation.files), {
      preDumps: observation.preDumps.length,
    });
    const result = analyseMigration({ head: facts, tail: null, observation, files, view });
    const context = { number: observation.number, total, verdictSoFar: soFar.add(result) };
    progress.line(renderMigrationLine(result, context, progress.style));
    if (observation.number === total) {
      ended = true;
      tail.close();
    }
  };
  return { tell, look };
}
