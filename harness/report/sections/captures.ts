/** What was captured of migrations, and where it lies: nothing where nothing was asked for. */
import type { CaptureObservation, Instant, RunRecord } from '../../model.ts';
import { heading, type Style } from '../style.ts';
import { hang, safeText } from '../text.ts';

const SHOWN_AT_MOST = 20;

export function capturesSection(record: RunRecord, style: Style): string[] {
  const rows = capturesTold(record);
  if (rows.length === 0) return [];
  return [heading(style, 'Captured', noteOf(record)), ...rows.flatMap((row) => hang('  ', row, style.width))];
}

function noteOf({ head }: RunRecord): string {
  const disturbed = head.scenario.capture.some((kind) => kind !== 'images');
  return disturbed ? 'as asked for; the figures are disturbed by it' : 'as asked for';
}

/** One harmless line each; for every kind of report. */
export function capturesTold({ head, migrations }: RunRecord): string[] {
  const rows = migrations.flatMap(({ number, captures }) =>
    captures.map((one) => `migration ${number}, ${told(one, head.wallOffsetMs, head.originNs)}`),
  );
  const more = rows.length - SHOWN_AT_MOST;
  return [
    ...rows.slice(0, SHOWN_AT_MOST),
    ...(more > 0 ? [`and ${more} more; all of them stand in record.json`] : []),
  ];
}

function told(one: CaptureObservation, wallOffsetMs: number, originNs: string): string {
  const what = `${safeText(one.host, 24)}: ${one.kind}`;
  if (one.file === null) return `${what}: none: ${safeText(one.why ?? 'unknown', 200)}`;
  const size = `${Math.ceil(one.bytes / 1_024)} KiB`;
  const at = (wallMs: number): Instant => wallMs - wallOffsetMs - Number(originNs) / 1e6;
  const span =
    one.packets === null || one.firstMs === null || one.lastMs === null
      ? ''
      : `, ${one.packets} packets from ${at(one.firstMs).toFixed(1)} to ${at(one.lastMs).toFixed(1)} ms of the run`;
  const lacks = one.why === null ? '' : `; ${safeText(one.why, 200)}`;
  return `${what}: ${safeText(one.file, 80)}, ${size}${span}${lacks}`;
}
