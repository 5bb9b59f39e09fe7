/** What was broken on purpose, and what became of each fault: nothing where nothing was. */
import type { FaultObservation, RunRecord } from '../../model.ts';
import { heading, type Style } from '../style.ts';
import { hang, safeText } from '../text.ts';

const SHOWN_AT_MOST = 20;

export function faultsSection(record: RunRecord, style: Style): string[] {
  const rows = faultsTold(record);
  if (rows.length === 0) return [];
  return [
    heading(style, 'Faults on purpose', 'by the scenario, and what became of each'),
    ...rows.flatMap((row) => hang('  ', row, style.width)),
  ];
}

/** One harmless line each, the last one with how many are not shown; for every kind of report. */
export function faultsTold({ migrations }: RunRecord): string[] {
  const rows = migrations.flatMap(({ number, faults }) =>
    faults.map((fault) => `migration ${number}, ${told(fault)}`),
  );
  const more = rows.length - SHOWN_AT_MOST;
  return [
    ...rows.slice(0, SHOWN_AT_MOST),
    ...(more > 0 ? [`and ${more} more; all of them stand in record.json`] : []),
  ];
}

function told({ kind, at, host, afterMs, state, what, begunMs, endedMs }: FaultObservation): string {
  const lasted = begunMs === null || endedMs === null ? '' : `, for ${Math.round(endedMs - begunMs)} ms`;
  const became =
    state === 'injected' ? `${safeText(what, 200)}${lasted}` : `${state}: ${safeText(what, 200)}`;
  return `${safeText(host, 24)}: ${kind} ${Math.round(afterMs)} ms after the beginning of ${at}; ${became}`;
}
