/** A suite of so many cells as a page: `node --import tsx bench/suite-page.ts 10000 page.html`. */
import { writeFileSync } from 'node:fs';
import { verdictOfCells } from '../harness/analysis/suite/result.ts';
import { renderSuitePage } from '../harness/report/html/suite/page.ts';
import { indexAssets } from '../harness/store/assets.ts';
import { manyCells } from '../test/report/html/suite/fixture.ts';

const [number = '10000', file = '/tmp/suite-page.html'] = process.argv.slice(2);
const cells = manyCells(Number(number));
const result = { ...cells, verdict: verdictOfCells(cells.cells) };
const began = performance.now();
const pageOf = () => 'httpd/2026-01-31T12-00-00Z/report.html';
const page = renderSuitePage({ result, pageOf, thaw: '0.1.0' }, indexAssets());
const ms = performance.now() - began;
writeFileSync(file, page);
process.stdout.write(
  `${number} cells: ${(page.length / 1e6).toFixed(1)} MB in ${(ms / 1e3).toFixed(2)} s, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB\n`,
);
