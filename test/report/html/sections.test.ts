import { describe, expect, it } from 'vitest';
import type { MigrationResult, RunRecord } from '../../../harness/model.ts';
import { distributionsSection, numbersOf } from '../../../harness/report/html/sections/distributions.ts';
import { headlineSection } from '../../../harness/report/html/sections/headline.ts';
import { overTimeSection, partsSection } from '../../../harness/report/html/sections/parts.ts';
import {
  environmentSection,
  migrationsSection,
  preDumpsSection,
} from '../../../harness/report/html/sections/tables.ts';
import { timeSection } from '../../../harness/report/html/sections/time.ts';
import { timelineData, timelineSection } from '../../../harness/report/html/sections/timeline.ts';
import { waterfallSection } from '../../../harness/report/html/sections/waterfall.ts';
import { emptyRecord, failingRecord, migrationOf, passingRecord } from '../fixture.ts';
import { packed, recordWithSpans, samplesOf } from './fixture.ts';

const samples = packed(samplesOf(300, ['rhel01', 'mallory']));
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

function withMany(migrations: number): RunRecord {
  const one = (index: number): MigrationResult => ({ ...migrationOf(1 + (index % 10)), number: index + 1 });
  return { ...passingRecord(), migrations: Array.from({ length: migrations }, (_, index) => one(index)) };
}

describe('the data of the timeline', () => {
  const data = timelineData(recordWithSpans(), samples);

  it('has a lane for each host of the path, for other names, and for each kind of failure', () => {
    expect(data.lanes.map(({ kind, label }) => [kind, label])).toEqual([
      ['host', 'rhel01'],
      ['host', 'rhel02'],
      ['host', 'another name'],
      ['failure', 'refused'],
      ['failure', 'reset'],
      ['failure', 'dropped'],
    ]);
    expect(data.outcomes).toEqual([
      { lane: 5, kind: 'dropped', text: 'dropped' },
      { lane: 3, kind: 'refused', text: 'refused: ECONNRESET' },
      { lane: 4, kind: 'reset', text: 'reset: ECONNRESET' },
      { lane: 0, kind: 'answered', text: 'rhel01' },
      { lane: 2, kind: 'answered', text: 'mallory' },
    ]);
  });

  it('has a band for each migration, also for one that failed', () => {
    expect(data.bands.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(data.bands[4]).toEqual({
      number: 5,
      label: 'migration 5, rhel01 → rhel02, failed at restore; rolled back to rhel01',
      failed: true,
      whole: [8_019_800, 8_236_000],
      frozen: null,
      downtime: null,
    });
  });
});

describe('the timeline', () => {
  it('says which migrations have no place in it', () => {
    const record = failingRecord();
    const { markup } = timelineSection(record, samples, timelineData(record, samples));
    expect(/Not in the timeline[^<]*/.exec(markup)?.[0]).toBe(
      'Not in the timeline, since no command of it was seen: migration 5.',
    );
  });

  it('says how a long run was thinned', () => {
    const record = recordWithSpans();
    const { markup } = timelineSection(
      record,
      { ...samples, requests: 12_345 },
      timelineData(record, samples),
    );
    expect(/The page carries[^:]*/.exec(markup)?.[0]).toBe('The page carries 300 of 12,345 requests');
  });
});

describe('the waterfall', () => {
  const { markup } = waterfallSection(recordWithSpans());

  it('shows the median migration, and carries the others', () => {
    expect(markup.match(/<figure class="waterfall" id="waterfall-\d+">/g)).toEqual([
      '<figure class="waterfall" id="waterfall-8">',
    ]);
    expect(count(markup, /<figure class="waterfall" id="waterfall-\d+" hidden>/g)).toBe(10);
  });

  it('draws what is uncertain as such', () => {
    const restore = /<g class="restore">.*?<\/g>/.exec(markup)?.[0] ?? '';
    expect(count(restore, /<path class="unsure"/g)).toBe(2);
    expect(count(restore, /<rect /g)).toBe(1);
  });

  it('marks a recovery that is longer than the drawing', () => {
    expect(/<g class="recovery">.*?<\/g>/.exec(markup)?.[0]).toContain('>→<');
  });

  it('says how many migrations have no drawing, and draws every failed one of a long run', () => {
    const record = withMany(600);
    const last = record.migrations.at(-1) as MigrationResult;
    const failed = failingRecord().migrations[4]?.outcome as MigrationResult['outcome'];
    const { markup } = waterfallSection({
      ...record,
      migrations: [...record.migrations.slice(0, -1), { ...last, outcome: failed }],
    });
    expect(/\d+ more migrations without a drawing here/.exec(markup)?.[0]).toBe(
      '200 more migrations without a drawing here',
    );
    expect(count(markup, /<figure [^>]*id="waterfall-600"/g)).toBe(1);
  });

  it('is not there where nothing was migrated', () => {
    expect(waterfallSection(emptyRecord()).markup).toBe('');
  });
});

describe('distributions', () => {
  it('have a dot for each value', () => {
    const { markup } = distributionsSection(passingRecord());
    const values = passingRecord().distributions.reduce((sum, one) => sum + one.values.length, 0);
    expect(count(markup, /<circle /g)).toBe(values);
  });

  it('name the migrations of their values, where one is unknown', () => {
    const record = failingRecord();
    const downtime = record.distributions.find(({ measurement }) => measurement === 'downtime');
    const measured = record.migrations.filter(({ warmUp }) => !warmUp);
    expect(numbersOf(downtime as NonNullable<typeof downtime>, measured)).toEqual([2, 3, 4, 6, 7, 9, 10, 11]);
  });

  it('stay drawable with many migrations', () => {
    const [one] = passingRecord().distributions;
    const values = Array.from({ length: 20_000 }, (_, index) => index % 5);
    const many = { ...one, values, unknown: [], min: 0, q1: 1, median: 2, q3: 3, max: 4 };
    const { markup } = distributionsSection({
      ...withMany(20),
      distributions: [many as NonNullable<typeof one>],
    });
    expect(count(markup, /<circle /g)).toBe(250);
    expect(count(markup, / and 3950 more here</g)).toBe(5);
  });
});

describe('where the time went', () => {
  it('has a part for each share of each window, and a mark where it is unknown', () => {
    const { markup } = timeSection(recordWithSpans());
    expect(count(markup, /<rect class="part-/g)).toBe(4 * 9);
    expect(count(markup, />✗<title>migration 5: the migration failed at restore</g)).toBe(1);
  });

  it('is unknown without a frozen window', () => {
    expect(timeSection(emptyRecord()).markup).toContain(
      'unknown (no measured migration has a frozen window)',
    );
  });
});

describe('the table of migrations', () => {
  it('says why a figure is unknown, and how many rows are left out', () => {
    expect(migrationsSection(failingRecord()).markup).toContain(
      '<abbr title="no answer came from rhel01 before the dump">unknown</abbr>',
    );
    const { markup } = migrationsSection(withMany(2_100));
    expect(count(markup, /<tr><td>\d/g)).toBe(2_000);
    expect(/and \d+ more;/.exec(markup)?.[0]).toBe('and 100 more;');
  });
});

describe('what only some runs have', () => {
  const record = withOtherKernels();

  it('has a row for each pre-dump and one for the dump, and is left out without any', () => {
    const { markup } = preDumpsSection(record);
    expect([...markup.matchAll(/<tr><td>([^<]+)/g)].map(([, name]) => name)).toEqual(['pre-dump 1', 'dump']);
    expect(markup).toContain('64.0 MiB');
    expect(preDumpsSection(passingRecord()).markup).toBe('');
  });

  it('tells how well the clock of each host was known, and where its wall clock was set', () => {
    const { markup } = environmentSection(record);
    expect(/<strong>clock<\/strong>.*/.exec(markup)?.[0]).toContain('its own, known at worst to ±0.25');
    expect(/<strong>clock<\/strong>.*/.exec(environmentSection(passingRecord()).markup)?.[0]).toContain(
      'the controller’s',
    );
    const drawn = waterfallSection(record).markup;
    expect(drawn).toContain('wall clock set by');
    expect(drawn).toContain('12 of 4,096');
  });

  it('says why a run was skipped', () => {
    const reason = 'CRIU on rhel02 cannot post-copy: no userfaultfd';
    const skipped: RunRecord = {
      ...emptyRecord(),
      outcome: 'skipped',
      tail: { state: 'skipped', reason, endedMs: 1, probe: null, heartbeat: null },
    };
    expect(headlineSection(skipped).markup).toContain(`the run was skipped: ${reason}`);
    expect(environmentSection(skipped).markup).toContain(`skipped: ${reason}`);
  });
});

/** Hosts with clocks of their own, one pre-dump each, and pages that followed. */
function withOtherKernels(): RunRecord {
  const record = passingRecord();
  return {
    ...record,
    migrations: record.migrations.map((migration) => ({
      ...migration,
      preDumps: [
        {
          duration: { ms: 210, atLeastMs: 209, atMostMs: 211 },
          stats: migration.dumpStats,
          pageImageBytes: 64 << 20,
        },
      ],
      lazyPages: { transferred: 12, total: 4_096 },
      clocks: [
        { host: 'rhel01', uncertaintyMs: 0.25, wallStepMs: 0 },
        { host: 'rhel02', uncertaintyMs: 0.125, wallStepMs: 2_000 },
      ],
    })),
  };
}

describe('the parts of a resumed run', () => {
  it('are told on the page as on the terminal, and not at all of a run by itself', () => {
    const record = passingRecord();
    const part = {
      run: '<b>',
      outcome: 'interrupted',
      migrations: 612,
      failed: 3,
      elapsedMs: 1e6,
      frozenWindowMs: 216.4,
      downtimeMs: null,
    } as const;
    const { markup } = partsSection({ ...record, head: { ...record.head, continues: [part] } });
    expect(markup).toContain(
      '<td>&#60;b&#62;</td><td class="r">612</td><td class="r">3</td><td class="r">216 ms</td><td class="r">-</td>',
    );
    expect(markup).toContain('together 3 of 622 failed: 0.48 %');
    expect(partsSection(record).markup).toBe('');
  });

  it('are tenths of a long run', () => {
    const { markup } = overTimeSection(withMany(104));
    expect(count(markup, /<tr><td>\d+ to \d+<\/td>/g)).toBe(10);
    expect(overTimeSection(passingRecord()).markup).toBe('');
  });
});
