/** Suites as their pages take them. */
import type { SuiteResult } from '../../../../harness/analysis/suite/result.ts';
import type { SuiteView } from '../../../../harness/report/html/suite/page.ts';
import { suiteOf } from '../../suite/fixture.ts';

/** A page for the first try of each cell; `evil`: made of each name. */
export function suiteView(evil: (text: string) => string = (text) => text): SuiteView {
  return {
    result: hostile(suiteOf(), evil),
    pageOf: ({ id }, { run, attempt }) => (run === null || attempt > 1 ? null : `${id}/report.html`),
    thaw: '0.1.0',
  };
}

/** The cells of the usual suite again and again, each with a third axis of its own. */
export function manyCells(count: number): SuiteResult {
  const { cells, ...rest } = suiteOf();
  const many = Array.from({ length: count }, (_, i) => {
    const cell = cells[i % cells.length] as SuiteResult['cells'][number];
    const memory = `${1 + Math.floor(i / cells.length)}MiB`;
    const values = { ...cell.values, memory };
    return { ...cell, id: cell.id.replace(']', `,memory=${memory}]`), values };
  });
  return { ...rest, planned: many, cells: many };
}

function hostile(result: SuiteResult, evil: (text: string) => string): SuiteResult {
  const cells = result.cells.map((cell) => ({
    ...cell,
    id: evil(cell.id),
    scenario: evil(cell.scenario),
    values: Object.fromEntries(Object.entries(cell.values).map(([key, value]) => [evil(key), evil(value)])),
    because: evil(cell.because),
    causes: cell.causes.map(evil),
    notPassed: cell.notPassed.map(evil),
    environment: cell.environment.map(evil),
    expect: cell.expect && { ...cell.expect, why: evil(cell.expect.why) },
  }));
  return { ...result, name: evil(result.name), why: evil(result.why), cells };
}
