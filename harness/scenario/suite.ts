/** A suite file → its cells: scenarios × axes, less what is excluded, and what is included besides. */
import { createHash } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';
import { cellId, type Expectation, type PlannedCell, type SuitePlan } from '../analysis/suite/plan.ts';
import { UsageError } from '../errors.ts';
import { checkDocument, namesIn, requireValid } from './check.ts';
import type { LoadedScenario } from './load.ts';
import { applyOverrides, type Overrides, refuseAxesGiven } from './overrides.ts';
import { isSuite, type Mistake, mistakesOf, nearest, type Parsed, parseYaml } from './parse.ts';
import { documentsOf, has, type ScenarioFile, type SuiteDocument } from './suite-cells.ts';
import { suiteSchema, type WrittenSuite } from './suite-schema.ts';
import { readText } from './text.ts';
import { axesOf, isMapping } from './vary.ts';

export interface LoadedSuite {
  plan: SuitePlan;
  /** By the cell's id. */
  scenarios: Map<string, LoadedScenario>;
}

export interface SuiteOptions {
  overrides: Overrides;
  repeat: number;
  retries: number;
}

/** What a suite is checked against. */
export interface SuiteContext {
  /** Identifiers of known failures. */
  failures: readonly string[];
  /** `2026-01-31`. */
  today: string;
}

/** UsageError with every mistake in the suite or in a scenario of it, also for an expectation that has ended. */
export async function loadSuite(
  path: string,
  options: SuiteOptions,
  context: SuiteContext,
): Promise<LoadedSuite> {
  const text = await readText(path, 'suite');
  const parsed = parseYaml(text, path);
  const suite = checkedSuite(parsed, path, context);
  const files = await Promise.all(suite.scenarios.map((_, i) => readScenario(path, i, suite, parsed)));
  const { documents, mistakes } = documentsOf(suite, files);
  parsed.refuse(mistakes);
  refuseAxesGiven(axesOf(suite.axes), options.overrides);
  const cells = checkedCells(documents, parsed).map((scenario, i): [PlannedCell, LoadedScenario] => {
    const { file } = documents[i] as SuiteDocument;
    const changed = applyOverrides(scenario, options.overrides);
    const expect = expectationOf(suite, documents[i] as SuiteDocument);
    return [plannedCell(changed, expect), { scenario: changed, file: file.path, text: file.text }];
  });
  const { overrides, repeat, retries } = options;
  const plan: SuitePlan = {
    name: suite.suite,
    why: suite.why.trim(),
    digest: digestOf([text, files.map((file) => file.text), overrides, repeat, retries]),
    repeat,
    retries,
    cells: cells.map(([cell]) => cell),
  };
  return { plan, scenarios: new Map(cells.map(([cell, loaded]) => [cell.id, loaded])) };
}

function checkedSuite(parsed: Parsed, path: string, { failures, today }: SuiteContext): WrittenSuite {
  if (!isSuite(parsed.value)) {
    throw new UsageError(`${path} is no suite: it has no \`suite\``, 'use thaw run for a scenario');
  }
  const found = suiteSchema.safeParse(parsed.value, { reportInput: true });
  if (!found.success) {
    parsed.refuse(mistakesOf(found.error, (at) => namesIn(suiteSchema, at)));
    throw new Error('a suite was refused without telling why');
  }
  const suite = found.data;
  const twice = suite.scenarios.findIndex((file, i) => suite.scenarios.indexOf(file) < i);
  parsed.refuse([
    ...suite.expect.flatMap((one, i) => expectationMistakes(one, i, { failures, today })),
    ...(twice === -1 ? [] : [{ path: ['scenarios', twice], message: 'this scenario is there twice' }]),
  ]);
  return suite;
}

function expectationMistakes(
  { fail, until }: WrittenSuite['expect'][number],
  index: number,
  { failures, today }: SuiteContext,
): Mistake[] {
  if (fail !== undefined && !failures.includes(fail)) {
    const message = `\`${fail}\` is no known failure${nearest(fail, [...failures])}`;
    return [{ path: ['expect', index, 'fail'], message }];
  }
  if (until === undefined || until >= today) return [];
  const message = `the expectation ended on ${until}: see whether it still fails, then take it out or give a later day`;
  return [{ path: ['expect', index, 'until'], message }];
}

async function readScenario(
  suiteFile: string,
  index: number,
  { scenarios }: WrittenSuite,
  suite: Parsed,
): Promise<ScenarioFile> {
  const given = scenarios[index] as string;
  const path = isAbsolute(given) ? given : join(dirname(suiteFile), given);
  const refuse = (message: string): never => {
    suite.refuse([{ path: ['scenarios', index], message }]);
    throw new Error('a suite was refused without telling why');
  };
  const text = await readText(path).catch((error: unknown) => {
    if (error instanceof UsageError) return refuse(error.message);
    throw error;
  });
  const parsed = parseYaml(text, path);
  const { value } = parsed;
  if (isSuite(value)) return refuse('this is a suite itself, and a suite is made of scenarios');
  if (isMapping(value) && 'vary' in value) {
    return refuse('this scenario varies by itself: use thaw sweep for it, or make axes of its `vary`');
  }
  const written = isMapping(value) ? value : {};
  return { path, text, parsed, written, name: String(written.name) };
}

/** A mistake stands where its value was written: in the suite, or in the scenario. */
function checkedCells(documents: readonly SuiteDocument[], suite: Parsed) {
  const checked = documents.map((document) => ({ document, ...checkDocument(document, document.file.path) }));
  suite.refuse(checked.flatMap(({ mistakes }) => mistakes.filter(isOfSuite)));
  for (const { document, mistakes } of checked) document.file.parsed.refuse(mistakes);
  return checked.map((one) => requireValid(one).scenario);
}

/** No key of a scenario has one of these names. */
function isOfSuite({ path: [first] }: Mistake): boolean {
  return ['axes', 'set', 'include'].includes(String(first));
}

/** The last that names the cell: what is said first may be the rule, and what comes after it the exception. */
function expectationOf({ expect }: WrittenSuite, document: SuiteDocument): Expectation | null {
  const found = expect.findLast(({ where }) => has(document, where));
  if (found === undefined) return null;
  const { fail, link = null, until = '', why } = found;
  return fail === undefined ? { kind: 'skip', why, link } : { kind: 'fail', failure: fail, link, until, why };
}

function plannedCell(
  { name, cell, migration }: LoadedScenario['scenario'],
  expect: Expectation | null,
): PlannedCell {
  const wanted = migration.warmUp + migration.count;
  return { id: cellId(name, cell), scenario: name, values: cell, expect, wanted };
}

function digestOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
