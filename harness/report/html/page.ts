/** One run as one self-contained HTML file; pure: the same record and samples give the same bytes. */
import { createHash } from 'node:crypto';
import { verdictOf } from '../../analysis/checks.ts';
import type { RunRecord } from '../../model.ts';
import { measured } from '../measurements.ts';
import { safeText } from '../text.ts';
import type { PackedSamples } from './columns.ts';
import { embeddedJson, type Html, html, raw } from './markup.ts';
import { distributionsSection, numbersOf } from './sections/distributions.ts';
import { headlineSection } from './sections/headline.ts';
import {
  checksSection,
  clientSection,
  criuSection,
  downloadsSection,
  environmentSection,
  failuresSection,
  faultsSection,
  leftBehindSection,
  migrationsSection,
  preDumpsSection,
} from './sections/tables.ts';
import { timeSection } from './sections/time.ts';
import { timelineData, timelineSection } from './sections/timeline.ts';
import { waterfallSection } from './sections/waterfall.ts';

/** The page's own script and style, as text. */
export interface PageAssets {
  script: string;
  style: string;
}

/** The page needs no network, and its policy allows none: nothing but the script and the style of its own. */
export function renderPage(record: RunRecord, samples: PackedSamples, { script, style }: PageAssets): string {
  const timeline = timelineData(record, samples);
  const { entries, columns } = samples;
  const data = {
    name: fileName(record),
    samples: { entries, columns },
    ...timeline,
    measurements: measurements(record),
  };
  const title = `${safeText(record.head.scenario.name, 60)}: ${verdictOf(record)} - Thaw`;
  const policy = `default-src 'none'; script-src ${source(script)}; style-src ${source(style)}; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Thaw ${record.head.thaw}">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header><a class="skip" href="#main">To the report</a><nav aria-label="Sections">${LINKS}</nav></header>
<main id="main">
${[
  headlineSection(record),
  timelineSection(record, samples, timeline),
  failuresSection(record),
  faultsSection(record),
  leftBehindSection(record),
  checksSection(record),
  waterfallSection(record),
  distributionsSection(record),
  timeSection(record),
  preDumpsSection(record),
  criuSection(record),
  clientSection(record),
  migrationsSection(record),
  environmentSection(record),
  downloadsSection(),
]}
</main>
<footer><p class="note">Made by Thaw ${record.head.thaw} from run ${safeText(record.head.id, 80)}.</p></footer>
<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${raw(script)}</script>
</body>
</html>
`.markup;
}

const LINKS: Html[] = [
  ['timeline-section', 'Timeline'],
  ['checks', 'Checks'],
  ['waterfall', 'One migration'],
  ['distributions', 'Distributions'],
  ['time', 'Time'],
  ['client', 'Client'],
  ['migrations', 'Migrations'],
  ['environment', 'Environment'],
  ['downloads', 'Downloads'],
].map(([id = '', text = '']) => html`<a href="#${id}">${text}</a> `);

/** What a browser compares with the text between the tags. */
function source(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

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
