/** Runs of an index, made by a rule: each a day later than the one before. */
import type { RunRecord } from '../../../../harness/model.ts';
import { indexedRun, type RunIndex } from '../../../../harness/report/html/index/page.ts';
import { failingRecord, passingRecord } from '../../fixture.ts';

/** Of two scenarios in turns; every fourth run failed. `evil`: made of each name. */
export function indexOf(count: number, evil: (text: string) => string = (text) => text): RunIndex {
  const runs = Array.from({ length: count }, (_, i) => {
    const record = i % 4 === 3 ? failingRecord() : passingRecord();
    const at = new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
    const directory = `${evil('httpd')}/${i}`;
    return indexedRun(named(record, evil(i % 2 === 0 ? 'httpd' : 'counter'), at), {
      directory,
      page: i === 0 ? null : `${directory}/report.html`,
      partOf: i === 2 ? `${evil('httpd')}/report.html` : null,
    });
  });
  return {
    folder: evil('reports'),
    thaw: '0.1.0',
    runs,
    unreadable: [{ directory: evil('httpd/broken'), why: evil('record.json is damaged') }],
  };
}

function named(record: RunRecord, name: string, startedAt: string): RunRecord {
  const { head } = record;
  return {
    ...record,
    head: { ...head, startedAt, scenario: { ...head.scenario, name, cell: { [name]: name } } },
  };
}
