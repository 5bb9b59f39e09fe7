/** The summary of a run for a terminal; pure: the same record gives the same text. */
import type { RunRecord } from '../model.ts';
import { capturesSection } from './sections/captures.ts';
import { clientSection } from './sections/client.ts';
import { criuSection } from './sections/criu.ts';
import { distributionsSection } from './sections/distributions.ts';
import { failuresSection } from './sections/failures.ts';
import { faultsSection } from './sections/faults.ts';
import { headlineSection } from './sections/headline.ts';
import { leftBehindSection } from './sections/left-behind.ts';
import { machineSection } from './sections/machine.ts';
import { nextSection } from './sections/next.ts';
import { overTimeSection, partsSection } from './sections/parts.ts';
import { preDumpSection } from './sections/pre-dumps.ts';
import { timeSection } from './sections/time.ts';
import { verdictsSection } from './sections/verdicts.ts';
import type { Style } from './style.ts';

export interface SummaryOptions extends Style {
  /** The run directory, as the user can give it to the next command. */
  directory: string;
}

/** Sections from the answer to the detail: what came out, why, where the time went, on what it was run. */
export function renderSummary(record: RunRecord, options: SummaryOptions): string {
  const sections = [
    headlineSection(record, options),
    failuresSection(record, options),
    faultsSection(record, options),
    leftBehindSection(record, options),
    capturesSection(record, options),
    verdictsSection(record, options),
    partsSection(record, options),
    distributionsSection(record, options),
    overTimeSection(record, options),
    timeSection(record, options),
    preDumpSection(record, options),
    criuSection(record, options),
    clientSection(record, options),
    machineSection(record, options),
    nextSection(record, options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
