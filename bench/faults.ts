/**
 * The campaign of faults: so many at random moments, each with its seed, and whether ever two containers served, a record
 * was lost or something was left. `sudo npx tsx bench/faults.ts [FAULTS [FIRST_SEED [REPORTS]]]`
 */
import { campaign } from '../test/e2e/campaign.ts';

const [injected = '200', first = '1', reports = 'reports'] = process.argv.slice(2);
const begun = Date.now();
const { seeds, runs, wrong } = await campaign(
  { first: Number(first), injected: Number(injected) },
  reports,
  (line) => console.log(line),
);
const count = (of: (one: (typeof seeds)[number]) => boolean): number => seeds.filter(of).length;
const struck = seeds.filter(({ state }) => state === 'injected');
console.log(
  `${struck.length} faults took place, ${count(({ state }) => state === 'missed')} missed their moment, in ${runs} runs and ${Math.round((Date.now() - begun) / 1_000)} s`,
);
for (const kind of [...new Set(struck.map(({ fault }) => fault.split(' ')[0]))].sort()) {
  const of = struck.filter(({ fault }) => fault.startsWith(`${kind} `));
  const ended = (match: RegExp): number => of.filter(({ outcome }) => match.test(outcome)).length;
  console.log(
    `${kind}: ${of.length} took place; ${ended(/^completed/)} completed, ${ended(/on \S+$/)} failed with the container on one host, ${ended(/lost$/)} lost it`,
  );
}
for (const what of wrong) console.log(`WRONG ${what}`);
console.log(
  wrong.length === 0 ? 'never two containers, no lost record, nothing left' : `${wrong.length} WRONG`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
