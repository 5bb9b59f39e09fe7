/** The words of faults on purpose, for whoever reads or writes them. */
import type { CaptureKind, FaultKind, FaultPhase, MigrationPlan } from './model.ts';

export const FAULT_KINDS = [
  'kill-criu',
  'criu-fault',
  'freeze-host',
  'kill-host',
  'cut-network',
  'slow-network',
  'fill-share',
  'hang-share',
  'kill-client',
  'jump-clock',
] as const satisfies readonly FaultKind[];

export const CAPTURE_KINDS = [
  'packets',
  'strace',
  'perf',
  'core',
  'images',
] as const satisfies readonly CaptureKind[];

export type Disturbing = Exclude<CaptureKind, 'images'>;

/** Of the captures those that disturb the figures: images are kept when all is over. */
export function disturbing(capture: readonly CaptureKind[]): Disturbing[] {
  return capture.filter((kind) => kind !== 'images');
}

/** In the order in which they come. */
export const FAULT_PHASES = [
  'pre-dump',
  'dump',
  'transfer',
  'handover',
  'restore',
  'lazy-pages',
] as const satisfies readonly FaultPhase[];

/** Whether a fault of that kind can be at that phase. */
export function suits(kind: FaultKind, phase: FaultPhase): boolean {
  if (kind === 'kill-criu') return phase !== 'handover' && phase !== 'transfer';
  if (kind === 'criu-fault') return ['pre-dump', 'dump', 'restore'].includes(phase);
  return true;
}

/** The phases that a migration goes through, for `at` to name. */
export function phasesOf(strategy: string, transfer: MigrationPlan['transfer'] | string): FaultPhase[] {
  const without = new Set<FaultPhase>();
  if (!['pre-copy', 'hybrid'].includes(strategy)) without.add('pre-dump');
  if (!['post-copy', 'hybrid'].includes(strategy)) without.add('lazy-pages');
  if (transfer !== 'copy') without.add('transfer');
  return FAULT_PHASES.filter((phase) => !without.has(phase));
}
