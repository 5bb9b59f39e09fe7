import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Scenario } from '../../harness/model.ts';
import { loadScenario, loadSweep, parseScenario } from '../../harness/scenario/load.ts';
import { documentOf, writeScenario } from '../../harness/scenario/write.ts';

const SCENARIOS = join(import.meta.dirname, '../../scenarios');
const shipped = ['.', 'failures', 'faults', 'sabotage'].flatMap((folder) =>
  readdirSync(join(SCENARIOS, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join(folder, file)),
);

async function scenariosOf(file: string): Promise<Scenario[]> {
  const path = resolve(SCENARIOS, file);
  if (!file.startsWith('sweep-')) return [(await loadScenario(path)).scenario];
  return (await loadSweep(path, {})).cells.map(({ scenario }) => scenario);
}

describe('a scenario that is written down', () => {
  test.each(shipped)('%s means the same', async (file) => {
    for (const scenario of await scenariosOf(file)) {
      const text = writeScenario(documentOf(scenario));
      expect(parseScenario(text, '/elsewhere/x.yaml')).toEqual({ ...scenario, cell: {} });
    }
  });

  test('has what the command line changed, a counter by its sizes, and nothing that is at its default', async () => {
    const { scenario } = await loadScenario(join(SCENARIOS, 'counter.yaml'), {
      count: 3,
      toolchain: { rhel02: 'debian:trixie' },
      seed: 7,
      limits: false,
    });
    expect(writeScenario(documentOf(scenario))).toMatchSnapshot();
    expect(parse(writeScenario(documentOf(scenario)))).not.toHaveProperty('probe.timeout');
  });
});
