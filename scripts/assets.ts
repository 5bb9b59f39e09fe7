/** Puts what the page of a run is made of beside its compiled sources, as it is: `npm run build`. */
import { copyFileSync, readdirSync } from 'node:fs';

const from = new URL('../harness/report/html/client/', import.meta.url);
const to = new URL('../dist/report/html/client/', import.meta.url);

for (const name of readdirSync(from)) {
  if (/\.(js|css)$/.test(name)) copyFileSync(new URL(name, from), new URL(name, to));
}
