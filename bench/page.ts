/** Makes the page of a long run: `node --import tsx bench/page.ts [SAMPLES] [FILE.html]`. */
import { writeFileSync } from 'node:fs';
import { mulberry32 } from '../harness/analysis/statistics.ts';
import type { Sample } from '../harness/model.ts';
import { collectSamples } from '../harness/report/html/columns.ts';
import { renderPage } from '../harness/report/html/page.ts';
import { pageAssets } from '../harness/store/assets.ts';
import { passingRecord } from '../test/report/fixture.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const file = process.argv[3];
const random = mulberry32(1);
const collected = collectSamples();

const begun = performance.now();
for (let n = 0; n < count; n++) collected.add(sample(n));
const packed = collected.pack();
const page = renderPage(passingRecord(), packed, pageAssets());
const seconds = (performance.now() - begun) / 1_000;

if (file !== undefined) writeFileSync(file, page);
console.log(`${count} samples, ${packed.entries} on the page: ${(page.length / 1e6).toFixed(1)} MB`);
console.log(
  `made in ${seconds.toFixed(1)} s, at most ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
);

/** A thousand requests a second; every 20 s the other host answers, after 0.2 s in which nobody does. */
function sample(n: number): Sample {
  const [due, since] = [n, n % 20_000];
  const sent = due + random() * 0.2;
  if (since < 200) {
    const kind = since < 100 ? 'reset' : 'refused';
    return {
      n,
      due,
      state: 'failed',
      sent,
      end: sent + random() * 60,
      kind,
      detail: kind,
      connection: n + 1,
    };
  }
  const end = sent + 0.3 + Math.exp(2 * random()) + (random() < 0.0005 ? 800 : 0);
  const host = Math.floor(n / 20_000) % 2 === 0 ? 'rhel01' : 'rhel02';
  return {
    n,
    due,
    state: 'answered',
    sent,
    firstByte: end,
    end,
    status: 200,
    host,
    bytes: 7,
    connection: n + 1,
  };
}
