/**
 * The words of Thaw as types; no code.
 *
 * Instants are milliseconds since the run's origin on the controller's monotonic clock (CLOCK_MONOTONIC),
 * with a resolution of 1 µs. Durations are milliseconds. CRIU's own fields keep CRIU's names and units (µs).
 */

export type * from './model/calibration.ts';
export type * from './model/criu.ts';
export type * from './model/finding.ts';
export type * from './model/observation.ts';
export type * from './model/raw-run.ts';
export type * from './model/result.ts';
export type * from './model/scenario.ts';
export type * from './model/time.ts';
