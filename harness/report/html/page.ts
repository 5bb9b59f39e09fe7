/** One run as one self-contained HTML file; pure: the same record and samples give the same bytes. */
import { verdictOf } from '../../analysis/checks.ts';
import type { RunRecord } from '../../model.ts';
import { measured } from '../measurements.ts';
import { safeText } from '../text.ts';
import type { PackedSamples } from './columns.ts';
import { type Excerpts, NO_EXCERPTS } from './excerpts.ts';
import { type Framed, framed, type PageAssets } from './frame.ts';
import { html } from './markup.ts';
import { distributionsSection, numbersOf } from './sections/distributions.ts';
import { failuresSection } from './sections/failures.ts';
import { headlineSection } from './sections/headline.ts';
import { overTimeSection, partsSection } from './sections/parts.ts';
import {
  capturesSection,
  checksSection,
  clientSection,
  criuSection,
  downloadsSection,
  environmentSection,
  faultsSection,
  leftBehindSection,
  migrationsSection,
  preDumpsSection,
} from './sections/tables.ts';
import { timeSection } from './sections/time.ts';
import { timelineData, timelineSection } from './sections/timeline.ts';
import { waterfallSection } from './sections/waterfall.ts';

export type { PageAssets } from './frame.ts';

/** The page needs no network, and its policy allows none: nothing but the script and the style of its own. */
export function renderPage(
  record: RunRecord,
  samples: PackedSamples,
  assets: PageAssets,
  excerpts: Excerpts = NO_EXCERPTS,
): string {
  return framed(pageOf(record, samples, { excerpts }), assets);
}

/** Of a run that goes on, it says so, and not that somebody killed it. */
export function pageOf(
  record: RunRecord,
  samples: PackedSamples,
  { excerpts = NO_EXCERPTS, goesOn = false }: { excerpts?: Excerpts; goesOn?: boolean },
): Framed {
  const timeline = timelineData(record, samples);
  const { entries, columns } = samples;
  const { head } = record;
  return {
    title: `${safeText(head.scenario.name, 60)}: ${goesOn ? 'goes on' : verdictOf(record)} - Thaw`,
    thaw: head.thaw,
    links: LINKS,
    sections: [
      headlineSection(record, goesOn),
      timelineSection(record, samples, timeline),
      failuresSection(record, excerpts),
      faultsSection(record),
      leftBehindSection(record),
      capturesSection(record),
      checksSection(record),
      partsSection(record),
      overTimeSection(record),
      waterfallSection(record),
      distributionsSection(record),
      timeSection(record),
      preDumpsSection(record),
      criuSection(record),
      clientSection(record),
      migrationsSection(record),
      environmentSection(record, goesOn),
      downloadsSection(record),
    ],
    footer: html`Made by Thaw ${head.thaw} from run ${safeText(head.id, 80)}.`,
    data: {
      name: fileName(record),
      samples: { entries, columns },
      ...timeline,
      measurements: measurements(record),
    },
  };
}

const LINKS = [
  ['timeline-section', 'Timeline'],
  ['checks', 'Checks'],
  ['waterfall', 'One migration'],
  ['distributions', 'Distributions'],
  ['time', 'Time'],
  ['client', 'Client'],
  ['migrations', 'Migrations'],
  ['environment', 'Environment'],
  ['downloads', 'Downloads'],
] as const;

/** What downloads are called: nothing in it but letters, digits, `-` and `_`. */
function fileName({ head }: RunRecord): string {
  return `${head.scenario.name}-${head.id}`.replaceAll(/[^\w-]+/g, '_').slice(0, 80);
}

/** The columns of measurements: a value or null for each measured migration. */
function measurements(record: RunRecord) {
  const migrations = measured(record);
  const numbers = migrations.map(({ number }) => number);
  const columns = record.distributions.map((distribution) => {
    const known = numbersOf(distribution, migrations);
    const values = new Map(known.map((number, index) => [number, distribution.values[index]]));
    const { measurement, unit } = distribution;
    return {
      name: safeText(measurement, 60),
      unit,
      values: numbers.map((number) => values.get(number) ?? null),
    };
  });
  return { numbers, columns };
}
