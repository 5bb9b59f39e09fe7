/** What a suite makes of its scenarios: one document for each cell. */
import { namesAt } from './check.ts';
import { type Mistake, nearest, type Parsed } from './parse.ts';
import type { WrittenSuite } from './suite-schema.ts';
import {
  axesMistakes,
  type CellDocument,
  type Choice,
  combinations,
  documentOf,
  keyMistake,
  shown,
} from './vary.ts';

/** One scenario file of a suite. */
export interface ScenarioFile {
  path: string;
  text: string;
  parsed: Parsed;
  written: Record<string, unknown>;
  name: string;
}

export interface SuiteDocument extends CellDocument {
  file: ScenarioFile;
}

/** In the order of the scenarios, each with its combinations first. Mistakes are those of the suite file. */
export function documentsOf(
  suite: WrittenSuite,
  files: readonly ScenarioFile[],
): { documents: SuiteDocument[]; mistakes: Mistake[] } {
  const mistakes = [...nameMistakes(files), ...files.flatMap((file) => keyMistakes(suite, file))];
  if (mistakes.length > 0) return { documents: [], mistakes };
  const all = files.flatMap((file) => combined(suite, file));
  const documents = files.flatMap((file) => [
    ...all.filter((one) => one.file === file && !suite.exclude.some((wanted) => has(one, wanted))),
    ...included(suite, file),
  ]);
  const idle = [
    ...idleMistakes(suite.exclude, 'exclude', all),
    ...idleMistakes(suite.include, 'include', documents),
    ...idleMistakes(
      suite.expect.map(({ where }) => where),
      'expect',
      documents,
    ),
  ];
  if (documents.length === 0 && idle.length === 0) {
    idle.push({ path: ['exclude'], message: '`exclude` leaves out every cell' });
  }
  return { documents, mistakes: [...idle, ...twiceMistakes(documents)] };
}

/** Whether a cell has all of these; `scenario` is the scenario's name. */
export function has(
  { file, cell }: Pick<SuiteDocument, 'file' | 'cell'>,
  wanted: Record<string, unknown>,
): boolean {
  const known: Record<string, string> = { scenario: file.name, ...cell };
  return Object.entries(wanted).every(([key, value]) => known[key] === shown(value));
}

function combined(suite: WrittenSuite, file: ScenarioFile): SuiteDocument[] {
  return combinations(suite.axes, 'axes').map((chosen) => ({
    ...documentOf(file.written, chosen, choicesOf(suite.set, ['set'])),
    file,
  }));
}

function included(suite: WrittenSuite, file: ScenarioFile): SuiteDocument[] {
  return suite.include.flatMap((one, i) => {
    if (one.scenario !== undefined && one.scenario !== file.name) return [];
    const chosen = choicesOf(one, ['include', i]);
    return [{ ...documentOf(file.written, chosen, choicesOf(suite.set, ['set'])), file }];
  });
}

/** `scenario` says which one is meant, and is no key of it. */
function choicesOf(values: Record<string, unknown>, at: readonly PropertyKey[]): Choice[] {
  return Object.entries(values)
    .filter(([key]) => key !== 'scenario')
    .map(([key, one]) => ({ key, one, at: [...at, key] }));
}

function keyMistakes(suite: WrittenSuite, { written }: ScenarioFile): Mistake[] {
  const context = { written, namesAt };
  const single = [
    ...choicesOf(suite.set, ['set']),
    ...suite.include.flatMap((one, i) => choicesOf(one, ['include', i])),
  ];
  return [
    ...axesMistakes(suite.axes, 'axes', context),
    ...single.flatMap(({ key, at }) => keyMistake(key, at, context) ?? []),
  ];
}

/** Entries that no cell has: a slip of the pen, which would otherwise do nothing without a word. */
function idleMistakes(
  entries: readonly Record<string, unknown>[],
  at: string,
  documents: readonly SuiteDocument[],
): Mistake[] {
  return entries.flatMap((wanted, i): Mistake[] => {
    if (documents.some((one) => has(one, wanted))) return [];
    const names = [...new Set(documents.map(({ file }) => file.name))];
    const { scenario } = wanted;
    const near = typeof scenario === 'string' && !names.includes(scenario) ? nearest(scenario, names) : '';
    return [{ path: [at, i], message: `no cell has all of these${near}` }];
  });
}

function twiceMistakes(documents: readonly SuiteDocument[]): Mistake[] {
  const seen = new Set<string>();
  return documents.flatMap(({ file, cell }): Mistake[] => {
    const key = JSON.stringify([file.name, Object.entries(cell).toSorted()]);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const told = Object.entries(cell).map(([name, value]) => `${name} ${value}`);
    return [{ path: ['include'], message: `the cell ${[file.name, ...told].join(', ')} is there twice` }];
  });
}

/** Cells are told by the names of their scenarios. */
function nameMistakes(files: readonly ScenarioFile[]): Mistake[] {
  return files.flatMap(({ name }, i): Mistake[] => {
    const other = files.findIndex((file) => file.name === name);
    if (other === i) return [];
    return [
      { path: ['scenarios', i], message: `its name is ${name}, and so is that of ${files[other]?.path}` },
    ];
  });
}
