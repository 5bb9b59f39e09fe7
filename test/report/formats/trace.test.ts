import { describe, expect, it } from 'vitest';
import { analyse } from '../../../harness/analysis/analyse.ts';
import type { MigrationObservation, RawRun, Sample } from '../../../harness/model.ts';
import { runTrace } from '../../../harness/report/formats/trace.ts';
import { type TraceEvent, traceEvents } from '../../../harness/report/formats/trace-events.ts';
import { collectTraced, type TraceLimits } from '../../../harness/report/formats/trace-samples.ts';
import {
  answered,
  at,
  command,
  log,
  lost,
  NO_FILES,
  NO_LOGS,
  observation,
  rawRun,
} from '../../analysis/fixture.ts';
import { smallRun } from '../../analysis/small-run.ts';

const EVIL = `"},{"ph":"X"}\u001b[2J\u202e\ud800</script>${'A'.repeat(300)}`;

describe('a run as trace events', () => {
  it('is what the golden file says', async () => {
    await expect(traceOf(smallRun())).toMatchFileSnapshot('../../golden/report/run-small.trace.json');
  });

  it('is the same bytes each time', () => {
    expect(traceOf(smallRun())).toBe(traceOf(smallRun()));
  });

  it.each(Object.entries({ small: smallRun(), lazy: lazyRun(), hostile: hostileRun(), empty: rawRun() }))(
    'has nothing that a viewer would refuse or draw askew: %s',
    (_, run) => {
      const text = traceOf(run);
      expect(text).toMatch(/^[\p{L}\p{N}\p{P}\p{S} \n]+$/u);
      expect(problemsOf(eventsIn(text))).toEqual([]);
    },
  );

  it('has a process for the client and one for each host', () => {
    const events = eventsIn(traceOf(smallRun()));
    expect(namesOf(events, 'process_name')).toEqual([
      'client, and what spans both hosts',
      'rhel01',
      'rhel02',
    ]);
    expect(namesOf(events, 'thread_name', 2)).toEqual(['commands', 'phases', 'CRIU']);
  });

  it('has what CRIU did before the dump and behind the restore: daemons in rows of their own', () => {
    const events = eventsIn(traceOf(lazyRun()));
    const rows = new Map(named(events, 'thread_name').map(({ tid, args }) => [tid, args]));
    const drawn = events
      .filter(({ cat }) => cat === 'criu')
      .map(({ pid, tid, name }) => [pid, rows.get(tid), name]);
    expect(drawn).toEqual([
      [2, { name: 'CRIU' }, 'pre-dump: open the log'],
      [2, { name: 'CRIU' }, 'pre-dump: freeze'],
      [3, { name: 'CRIU lazy-pages' }, 'lazy-pages: open the log'],
      [3, { name: 'CRIU lazy-pages' }, 'lazy-pages: bring pages'],
    ]);
  });

  it('draws a frozen window as the record tells it, with where it may have begun and ended', () => {
    const run = smallRun();
    const { frozenWindow } = analyse(smallRun()).migrations[1] as { frozenWindow: object };
    const [drawn] = named(eventsIn(traceOf(run)), 'frozen window').filter(({ args }) => of(args) === 2);
    const { window, stopped, running } = frozenWindow as Record<string, Record<string, number>>;
    expect(drawn?.dur).toBe(Math.round((window?.ms as number) * 1_000));
    expect(drawn?.args).toMatchObject({
      ...window,
      begin: { earliestMs: stopped?.earliest, latestMs: stopped?.latest },
      end: { earliestMs: running?.earliest, latestMs: running?.latest },
    });
  });

  it('says of each figure that is not drawn why it is unknown', () => {
    const [, , failed] = eventsIn(traceOf(smallRun())).filter(({ cat }) => cat?.startsWith('migration'));
    expect(failed).toMatchObject({
      name: 'migration 3: rhel01 → rhel02',
      cat: 'migration,failed',
      args: {
        unknown: {
          frozenWindow: 'the migration failed at dump',
          gap: 'the restore did not run',
          'restore.log': 'it is not there or empty, or what wrote it did not run',
        },
      },
    });
  });

  it('shows no more lost requests than it may, and says how many are left out', () => {
    const text = traceOf(smallRun(), { buckets: 36_000, hosts: 20, lostOfKind: 10 });
    const { otherData } = JSON.parse(text);
    const shown = eventsIn(text).filter(({ ph, cat }) => ph === 'i' && cat !== 'phase').length;
    const { seen } = otherData.lostRequests.refused;
    expect(otherData.lostRequests.dropped).toEqual({ seen: 1, shown: 1 });
    expect(shown).toBeLessThanOrEqual(11);
    expect(shown + otherData.lostRequestsLeftOut).toBe(seen + 1);
    expect(namesOf(eventsIn(text), 'thread_name', 1)).toContain(`lost requests (${shown} of ${seen + 1})`);
  });

  it('counts every answer and every lost request', () => {
    const run = smallRun();
    const samples = [...run.samples];
    const counted = (title: string): number => {
      const values = named(eventsIn(traceOf({ ...run, samples })), title);
      return values.slice(0, -1).reduce((sum, { ts, args }, i) => {
        const buckets = ((values[i + 1] as TraceEvent).ts - ts) / 100_000;
        return sum + buckets * Object.values(args).reduce((all, value) => all + value, 0);
      }, 0);
    };
    const answers = samples.filter(({ state }) => state === 'answered').length;
    expect(counted('answers received per 100 ms')).toBe(answers);
    expect(counted('requests lost per 100 ms')).toBe(samples.length - answers);
  });
});

describe('rows of a trace', () => {
  const bar = (name: string, startMs: number, endMs: number) => ({
    name,
    category: 'x',
    startMs,
    endMs,
    args: {},
  });

  it('get another one below where bars overlap, and are left out where there are none', () => {
    const rows = [
      { title: 'none', bars: [], marks: [] },
      { title: 'one', bars: [bar('b', 2, 4), bar('a', 1, 3), bar('c', 3, 5)], marks: [] },
    ];
    const events = traceEvents([{ title: 'host', rows, counters: [] }]);
    expect(events.map(({ ph, name, tid, ts, args }) => [ph, name, tid, ts, args])).toEqual([
      ['M', 'process_name', undefined, 0, { name: 'host' }],
      ['M', 'process_sort_index', undefined, 0, { sort_index: 0 }],
      ['M', 'thread_name', 2, 0, { name: 'one' }],
      ['M', 'thread_sort_index', 2, 0, { sort_index: 2 }],
      ['X', 'a', 2, 1_000, {}],
      ['X', 'c', 2, 3_000, {}],
      ['M', 'thread_name', 3, 0, { name: 'one (2)' }],
      ['M', 'thread_sort_index', 3, 0, { sort_index: 3 }],
      ['X', 'b', 3, 2_000, {}],
    ]);
  });

  it('have no time before the origin', () => {
    const rows = [{ title: 'one', bars: [bar('a', -2, -1), bar('b', -1, 1)], marks: [] }];
    const events = traceEvents([{ title: 'host', rows, counters: [] }]).filter(({ ph }) => ph !== 'M');
    // What took no time is an instant.
    expect(events.map(({ ph, ts, dur }) => [ph, ts, dur])).toEqual([
      ['i', 0, undefined],
      ['X', 0, 1_000],
    ]);
  });
});

function traceOf(run: RawRun, limits?: TraceLimits): string {
  const traced = collectTraced(limits);
  const samples: Sample[] = [...run.samples];
  for (const sample of samples) traced.add(sample);
  return runTrace(analyse({ ...run, samples }), run.migrations, traced.fold());
}

function eventsIn(text: string): TraceEvent[] {
  return JSON.parse(text).traceEvents;
}

function named(events: readonly TraceEvent[], name: string): TraceEvent[] {
  return events.filter((event) => event.name === name);
}

function namesOf(events: readonly TraceEvent[], what: string, pid?: number): string[] {
  return named(events, what)
    .filter((event) => pid === undefined || event.pid === pid)
    .map(({ args }) => (args as { name: string }).name);
}

function of(args: object): unknown {
  return (args as { migration?: number }).migration;
}

/** By the Trace Event Format, and by what Perfetto makes of slices that overlap in a thread. */
function problemsOf(events: readonly TraceEvent[]): string[] {
  const processes = new Set(named(events, 'process_name').map(({ pid }) => pid));
  const threads = new Map(named(events, 'thread_name').map(({ pid, tid }) => [tid, pid]));
  const busyUntil = new Map<number | undefined, number>();
  return events.flatMap((event) => {
    const { ph, name, ts, dur, pid, tid, args } = event;
    const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
    const wrong: [string, boolean][] = [
      ['ph', !['X', 'i', 'C', 'M'].includes(ph)],
      ['name', typeof name !== 'string' || name === ''],
      ['ts', !whole(ts)],
      ['dur', ph === 'X' ? !whole(dur) : dur !== undefined],
      ['process', !processes.has(pid)],
      ['thread', tid === undefined ? ph === 'X' || ph === 'i' : threads.get(tid) !== pid],
      ['number of a process', tid !== undefined && processes.has(tid)],
      ['scope', (ph === 'i') !== (event.s === 't')],
      ['overlap', ph === 'X' && ts < (busyUntil.get(tid) ?? 0)],
      ['count', ph === 'C' && !Object.values(args).every(whole)],
    ];
    if (ph === 'X') busyUntil.set(tid, ts + (dur ?? 0));
    return wrong.filter(([, is]) => is).map(([what]) => `${what}: ${JSON.stringify(event)}`);
  });
}

/** Post-copy, with an address that is handed over after the restore: commands and phases that overlap. */
function lazyRun(): RawRun {
  const { steps } = observation();
  const overlapping: MigrationObservation['steps'] = {
    ...steps,
    'page-server': command('rhel01', at(1_009, 1_010), at(1_400, 1_401)),
    'lazy-pages': command('rhel02', at(1_102), at(1_410)),
    'lazy-transfer': command('rhel02', at(1_300), at(1_405)),
    'claim-address': command('rhel02', at(1_301), at(1_303)),
  };
  const otherLogs = {
    ...NO_LOGS,
    preDumps: [log([0, 'Version: 4.2.1'], [2, 'freezing cgroup web'], [5, 'x'])],
    lazyPages: log([0, 'Version: 4.2.1'], [9, 'uffd: 1-8: #PF at 0x7f'], [20, 'x']),
  };
  const files = { ...NO_FILES, otherLogs };
  const preDumps = [{ span: command('rhel01', at(1_000), at(1_008)), pageImageBytes: 1 }];
  return rawRun({
    migrations: [{ observation: observation({ steps: overlapping, endedMs: 1_500, preDumps }), files }],
  });
}

/** Every text from outside tries to leave its string. */
function hostileRun(): RawRun {
  const { steps } = observation();
  const checkpoint = { ...command(EVIL, at(1_009), at(1_100)), argv: [EVIL] };
  const failed = { state: 'failed', phase: 'dump', survivor: EVIL, rolledBack: false, error: EVIL } as const;
  const seen = observation({ source: EVIL, outcome: failed, steps: { ...steps, checkpoint } });
  const files = { ...NO_FILES, dumpLog: log([0, EVIL], [5, `freezing cgroup ${EVIL}`], [6, EVIL]) };
  const { head } = rawRun();
  return rawRun({
    head: { ...head, id: EVIL, scenario: { ...head.scenario, name: EVIL } },
    migrations: [{ observation: seen, files }],
    samples: [
      answered(EVIL, 10, 20),
      answered('__proto__', 110, 120),
      answered('constructor', 110, 120),
      lost(20, 30, { detail: EVIL }),
    ],
  });
}
