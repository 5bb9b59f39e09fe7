/** Runs whose names try to leave the text that they are written into. */
import type { RunRecord } from '../../../harness/model.ts';
import { emptyRecord, failingRecord, hostileRecord, passingRecord } from '../fixture.ts';

export const HOSTILE_NAMES = {
  newline: 'a\nb\r\n# TYPE x counter\nx 1',
  quotes: 'a"b\'c"} 1',
  backslashes: 'a\\b\\',
  'an escape that looks done': 'a\\"b\\n',
  'a closing tag': '</script>]]>&amp;',
  'very long': 'A'.repeat(2_000),
  'very long and wide': '凍'.repeat(1_000),
  'broken UTF-16': 'a\ud800b\udc00',
  'control characters': '\u0000\u0007\u001b[2J\u2028\u202e',
  empty: '',
  prototype: '__proto__',
};

/** Everything that can have a name has this one. */
export function namedRecord(name: string): RunRecord {
  const record = failingRecord();
  const { head } = record;
  const [host] = head.hosts;
  if (host === undefined) throw new Error('the fixture has hosts');
  return {
    ...record,
    head: {
      ...head,
      id: name,
      thaw: name,
      scenario: { ...head.scenario, name, cell: { [name]: name } },
      hosts: [1, 2].map(() => ({
        ...host,
        name,
        kernel: name,
        distribution: name,
        toolchain: { ...host.toolchain, name, runc: name, criu: name },
      })),
    },
    tail: record.tail && { ...record.tail, reason: name },
    migrations: record.migrations.map((one) => ({
      ...one,
      source: name,
      destination: name,
      outcome: one.outcome.state === 'failed' ? { ...one.outcome, survivor: name, error: name } : one.outcome,
    })),
    verdicts: record.verdicts.map((one) => ({ ...one, check: name, why: name })),
  };
}

/** Runs as they come, and as nobody hopes that they come. */
export const RECORDS: Record<string, RunRecord> = {
  passing: passingRecord(),
  failing: failingRecord(),
  hostile: hostileRecord(),
  empty: emptyRecord(),
  ...Object.fromEntries(Object.entries(HOSTILE_NAMES).map(([what, name]) => [what, namedRecord(name)])),
};
