/** What `thaw bisect` finds, as it could have been. */
import type { BisectPlan, Version } from '../../../harness/analysis/bisect/plan.ts';
import { type BisectResult, bisectResult } from '../../../harness/analysis/bisect/result.ts';
import type { Trial } from '../../../harness/analysis/bisect/trial.ts';

export function commits(count: number): Version[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `${i}`.padStart(2, '0').padEnd(12, 'c'),
    subject: `dump: change ${i}`,
    merge: i === 3,
    change: { criu: `git:/src/criu@${`${i}`.padStart(2, '0').padEnd(40, 'c')}` },
  }));
}

export function bisectPlan(changes: Partial<BisectPlan> = {}): BisectPlan {
  return {
    name: 'httpd',
    scenarioFile: 'scenarios/httpd.yaml',
    direction: 'first-bad',
    versions: commits(6),
    failure: null,
    confidence: 0.95,
    runs: 100,
    command: ['bisect', '--good', 'v1', '--bad', 'main', '--scenario', 'scenarios/httpd.yaml'],
    ...changes,
  };
}

export function released(...names: string[]): Version[] {
  return names.map((name) => ({ name, subject: null, merge: false, change: { toolchain: name } }));
}

export function trialOf(version: number, state: Trial['state'], changes: Partial<Trial> = {}): Trial {
  const fails = state === 'fail';
  return {
    version,
    state,
    because: fails
      ? 'dump failed: file-lock'
      : state === 'pass'
        ? '3 migrations completed'
        : 'port 80 is in use',
    symptoms: fails ? ['dump failed: file-lock'] : [],
    cause: fails ? 'A process in the container holds a lock.' : null,
    software: state === 'unbuildable' ? null : 'runc 1.3.6, CRIU 4.2.1',
    run: state === 'unbuildable' ? null : `httpd/2026-01-31T12-00-0${version}Z`,
    log: null,
    seconds: 10,
    startedAt: '2026-01-31T12:00:00.000Z',
    ...changes,
  };
}

export const unbuildable = (version: number): Trial =>
  trialOf(version, 'unbuildable', {
    because: 'criu of /src/criu at 0123 does not build: exit 2\n  error: expected',
    log: '/root/.cache/thaw/builds/criu-0123.log',
  });

export function trials(): Trial[] {
  const states = [5, 5, 0, 2, 4, 4].map((version) => trialOf(version, version >= 4 ? 'fail' : 'pass'));
  return [...states, unbuildable(3), ...[2, 2, 2].map((version) => trialOf(version, 'pass'))];
}

/** Of six commits one does not build, beside the first bad. */
export function skippedResult(): BisectResult {
  return bisectResult(bisectPlan(), trials());
}

/** Of three releases the last is the first fixed. */
export function bisectOf(changes: Partial<BisectResult> = {}): BisectResult {
  const versions = released('debian:bookworm', 'debian:trixie', 'debian:forky');
  const made = [0, 0, 2, 1].map((version) => trialOf(version, version === 2 ? 'pass' : 'fail'));
  return { ...bisectResult(bisectPlan({ versions, direction: 'first-fixed' }), made), ...changes };
}
