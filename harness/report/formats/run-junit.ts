/** A run as JUnit XML: a case for the run itself and one for each check; unknown is an error, so never taken for passed. */
import type { RunRecord } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { junitFile, output, properties } from './junit.ts';
import { type Case, casesOf } from './run-cases.ts';
import { element } from './xml.ts';

/** `directory`: of the run, as whoever reads the file finds it; null where it is not known. */
export function runJunit(record: RunRecord, directory: string | null = null): string {
  const { name } = record.head.scenario;
  const cases = casesOf(record);
  const count = (wanted: Case['state']) => cases.filter(({ state }) => state === wanted).length;
  const tally = {
    tests: cases.length,
    failures: count('fail'),
    errors: count('unknown'),
    skipped: count('skipped'),
    time: ((record.tail?.endedMs ?? 0) / 1_000).toFixed(3),
  };
  const files =
    directory === null ? [] : ['report.html', 'record.json'].map((file) => `${directory}/${file}`);
  const lines = cases.map((one, index) => {
    const said = output(one.state === 'pass' ? one.why : '', index === 0 ? files : []);
    const content = [...inside(one), ...said];
    return `${element('testcase', { name: one.name, classname: `run.${name}`, time: 0 }, content)}\n`;
  });
  const told = properties(propertiesOf(record));
  const timestamp = record.head.startedAt;
  const suite = element('testsuite', { name, timestamp, ...tally }, ['\n', told, ...lines]);
  return junitFile('thaw run', tally, [suite, '\n']);
}

/** What was run, and where: with these a result can be told from that of another version. */
function propertiesOf({ head }: RunRecord): Record<string, string> {
  const hosts = head.hosts.flatMap(({ name, kernel, toolchain }) => [
    [`${name}.toolchain`, toolchain.name],
    [`${name}.runtime`, runtimeText(toolchain)],
    [`${name}.criu`, toolchain.criu],
    [`${name}.kernel`, kernel],
  ]);
  const run = {
    run: head.id,
    thaw: head.thaw,
    testbed: head.scenario.testbed.kind,
    seed: `${head.scenario.seed}`,
  };
  return { ...run, ...Object.fromEntries(hosts) };
}

function inside({ state, why }: Case): string[] {
  switch (state) {
    case 'pass':
      return [];
    case 'fail':
      return [element('failure', { message: why, type: state })];
    case 'unknown':
      return [element('error', { message: why, type: state })];
    case 'skipped':
      return [element('skipped', { message: why })];
  }
}
