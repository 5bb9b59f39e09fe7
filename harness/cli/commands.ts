/** What the commands do, by name; loaded when it is called for, so that `--help` answers at once. */
import type { RunRecord } from '../model.ts';
import type { Cleaned, Finding } from '../report/findings.ts';
import type { Progress } from '../report/progress.ts';
import type { Overrides } from '../scenario/load.ts';

export interface Actions {
  /** Throws a UsageError where the scenario, or what the command line makes of it, is wrong. */
  checkScenario(path: string, overrides: Overrides): Promise<void>;
  runScenario(request: {
    scenarioPath: string;
    overrides: Overrides;
    reportsDirectory: string;
    progress: Progress;
    signal: AbortSignal;
  }): Promise<{ record: RunRecord; directory: string }>;
  recomputeReport(directory: string): Promise<RunRecord>;
  examineMachine(options: { progress: Progress; signal: AbortSignal }): Promise<Finding[]>;
  cleanUp(options: { dryRun: boolean }): Promise<Cleaned>;
}

export const actions: Actions = {
  async checkScenario(path, overrides) {
    const { checkScenario } = await import('../run.ts');
    await checkScenario(path, overrides);
  },
  async runScenario(request) {
    const { runScenario } = await import('../run.ts');
    return runScenario(request);
  },
  async recomputeReport(directory) {
    const { deriveRecord } = await import('../run.ts');
    return deriveRecord(directory);
  },
  async examineMachine({ progress, signal }) {
    const { examineMachine } = await import('../testbed/doctor.ts');
    const { deferredTranscript } = await import('../host/transcript.ts');
    const { cacheDirectory } = await import('../paths.ts');
    const announce = (line: string) => progress.line(line);
    return examineMachine({ cache: cacheDirectory(), announce, signal, transcript: deferredTranscript() });
  },
  async cleanUp(options) {
    const { cleanUp } = await import('../testbed/clean.ts');
    return cleanUp(options);
  },
};
