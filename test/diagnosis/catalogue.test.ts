import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { issueUrl, knownFailures } from '../../harness/diagnosis/catalogue.ts';
import { diagnose, matches } from '../../harness/diagnosis/diagnose.ts';
import { scanLog } from '../../harness/diagnosis/scan.ts';
import { fill } from '../../harness/diagnosis/words.ts';
import { parseScenario } from '../../harness/scenario/load.ts';

const { failures, noise } = knownFailures();
const UNKNOWN = { criu: null, kernel: null };
const named = failures.map((entry) => [entry.id, entry] as const);

/** As it stands in the log of that kind. */
function logOf(kind: 'dump' | 'restore' | 'lazy-pages' | 'runtime', text: string) {
  if (kind === 'runtime') return scanLog('output', [Buffer.from(`${text}\n`)]);
  const line = /\bError \(/.test(text) ? text : `(00.012345) Error (criu/some-file.c:123): ${text}`;
  return scanLog(`${kind}.log`, [Buffer.from(`(00.000001) begins\n${line}\n`)]);
}
const found = (entry: (typeof failures)[number], text: string) => {
  const log = logOf(entry.log[0] as 'dump', text);
  return diagnose({ logs: [log], phase: null, versions: UNKNOWN, words: {} })?.failure;
};

test('there are at least thirty, each with a name of its own', () => {
  expect(failures.length).toBeGreaterThanOrEqual(30);
  expect(new Set(failures.map(({ id }) => id)).size).toBe(failures.length);
});

test('each shipped scenario that fails is named as one of them, and there are at least twelve', () => {
  const shipped = readdirSync(new URL('../../scenarios/failures', import.meta.url)).filter((file) =>
    file.endsWith('.yaml'),
  );
  const ids = failures.map(({ id }) => id);
  expect(shipped.map((file) => file.replace(/\.yaml$/, '')).filter((name) => !ids.includes(name))).toEqual(
    [],
  );
  expect(shipped.length).toBeGreaterThanOrEqual(12);
});

test.each(named)('%s is found in its sample, and by no other name', (id, entry) => {
  expect(found(entry, entry.sample)).toBe(id);
});

test.each(named)('%s is not found in its near miss', (id, entry) => {
  expect(found(entry, entry.nearMiss)).not.toBe(id);
});

test.each(noise.map(({ sample, why }) => [sample, why]))('noise is no failure: %s', (sample) => {
  const log = scanLog('dump.log', [Buffer.from(`(00.000001) begins\n${sample}\n`)]);
  expect(diagnose({ logs: [log], phase: null, versions: UNKNOWN, words: {} })).toBeNull();
});

test.each(named.flatMap(([, { source }]) => source.filter((one) => one.includes('#'))))(
  '%s is an issue that can be opened',
  (source) => {
    expect(issueUrl(source)).toMatch(/^https:\/\/github\.com\/[\w-]+\/[\w-]+\/issues\/\d+$/);
  },
);

test('versions outside of a range rule a failure out, unknown ones do not', () => {
  const entry = failures.find(({ id }) => id === 'mount-propagation');
  if (entry === undefined) throw new Error('it has gone');
  const log = logOf('restore', entry.sample);
  const told = { line: log.errors[0] as (typeof log.errors)[number], log };
  expect(matches(entry, told, UNKNOWN)).toBe(true);
  expect(matches(entry, told, { criu: '4.1', kernel: '6.18.44-cloud' })).toBe(true);
  expect(matches(entry, told, { criu: '4.2.1', kernel: '6.18.44-cloud' })).toBe(false);
  expect(matches(entry, told, { criu: '3.17.1', kernel: '6.1.0' })).toBe(false);
});

test.each(named)('%s tells its cause and remedy of any log', (_, entry) => {
  const own = entry.pattern.exec(entry.sample)?.groups;
  for (const text of [entry.cause, entry.remedy])
    expect(fill(text, { host: 'rhel01', ...own })).not.toBeNull();
});

const SCENARIOS = new URL('../../scenarios/failures/', import.meta.url);

const shipped = readdirSync(SCENARIOS).filter((file) => file.endsWith('.yaml'));

test.each(shipped)('%s loads, and is named as a known failure', (file) => {
  const { name } = parseScenario(readFileSync(new URL(file, SCENARIOS), 'utf8'), file);
  const id = file.replace(/\.yaml$/, '');
  expect(name).toBe(`failure-${id}`);
  expect(failures.map((entry) => entry.id)).toContain(id);
});
