import { describe, expect, it } from 'vitest';
import type { Actions } from '../../harness/cli/commands.ts';
import { execute } from '../../harness/cli/execute.ts';
import { EnvironmentError, InterruptedError, UsageError } from '../../harness/errors.ts';
import { renderSummary } from '../../harness/report/summary.ts';
import { calibrationOf } from '../report/calibration-fixture.ts';
import { failingRecord, passingRecord } from '../report/fixture.ts';
import { sweepOf } from '../report/sweep/fixture.ts';
import { fakeContext } from './fake-context.ts';

const unknownRecord = () => ({ ...passingRecord(), verdict: 'unknown' as const });
const summary = renderSummary(passingRecord(), { width: 80, colour: false, directory: 'reports/httpd/1' });

describe('thaw run', () => {
  it('checks all scenarios before it runs the first, with what the command line changes', async () => {
    const overrides = { count: 3, warmUp: 0, rate: 1000, seed: 7, toolchain: 'debian:forky', limits: true };
    const fake = fakeContext(
      'run a.yaml b.yaml --count 3 --warm-up 0 --rate 1000 --seed 7 --toolchain debian:forky --reports out'.split(
        ' ',
      ),
      { records: [passingRecord(), passingRecord()] },
    );
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      ['load', 'a.yaml', overrides],
      ['load', 'b.yaml', overrides],
      ['run', 'a.yaml', 'out'],
      ['run', 'b.yaml', 'out'],
    ]);
  });

  it('shows progress and then the summary, with the run directory as seen from here', async () => {
    const fake = fakeContext(['run', 'a.yaml']);
    expect(await execute(fake.context)).toBe(0);
    expect([fake.out(), fake.err()]).toEqual([`a migration\n\n${summary}`, '']);
  });

  it('shows the summary alone with --quiet', async () => {
    const fake = fakeContext(['run', 'a.yaml', '--quiet']);
    await execute(fake.context);
    expect([fake.out(), fake.err()]).toEqual([summary, '']);
  });

  it('prints the record and nothing else on stdout with --json', async () => {
    const fake = fakeContext(['run', 'a.yaml', '--json']);
    await execute(fake.context);
    expect(fake.out()).toBe(`${JSON.stringify(passingRecord())}\n`);
    expect(fake.err()).toBe('a migration\n');
  });

  it.each([
    [[passingRecord()], 0],
    [[failingRecord()], 1],
    [[unknownRecord()], 2],
    [[{ ...passingRecord(), outcome: 'failed' as const }], 2],
    [[unknownRecord(), passingRecord()], 2],
    [[unknownRecord(), failingRecord(), passingRecord()], 1],
  ])('ends with the code of the worst verdict (%#)', async (records, code) => {
    const paths = records.map((_, index) => `${index}.yaml`);
    const fake = fakeContext(['run', ...paths, '--quiet'], { records: [...records] });
    expect(await execute(fake.context)).toBe(code);
    expect(fake.calls.filter((call) => Array.isArray(call) && call[0] === 'run')).toHaveLength(
      records.length,
    );
  });

  it('takes a toolchain for each host', async () => {
    const fake = fakeContext(['run', 'a.yaml', '--toolchain', 'rhel01=debian:trixie,rhel02=path:/a=b']);
    await execute(fake.context);
    expect(fake.calls[0]).toEqual([
      'load',
      'a.yaml',
      { toolchain: { rhel01: 'debian:trixie', rhel02: 'path:/a=b' }, limits: true },
    ]);
  });

  it.each([
    [
      ['--count', '0'],
      "option '--count <n>' argument '0' is invalid. It must be a whole number of at least 1.",
    ],
    [
      ['--count', '1e3'],
      "option '--count <n>' argument '1e3' is invalid. It must be a whole number of at least 1.",
    ],
    [
      ['--seed', '99999999999999999999'],
      "option '--seed <n>' argument '99999999999999999999' is invalid. It must be a whole number of at least 0.",
    ],
    [
      ['--rate', '-1'],
      "option '--rate <n>' argument '-1' is invalid. It must be a whole number of at least 1.",
    ],
    [
      ['--toolchain', 'a=b,c'],
      "option '--toolchain <t>' argument 'a=b,c' is invalid. It must be a toolchain, or HOST=TOOLCHAIN,HOST=TOOLCHAIN.",
    ],
    [
      ['--toolchain', 'a=b,a=c'],
      "option '--toolchain <t>' argument 'a=b,a=c' is invalid. Each host can be named once.",
    ],
  ])('refuses %j', async (options, message) => {
    const fake = fakeContext(['run', 'a.yaml', ...options]);
    expect(await execute(fake.context)).toBe(64);
    expect([fake.out(), fake.err(), fake.calls]).toEqual([
      '',
      `thaw: ${message}\nnext: thaw run --help\n`,
      [],
    ]);
  });

  it.each([
    ['darwin', 'macOS'],
    ['win32', 'Windows'],
    ['freebsd', 'freebsd'],
  ] as const)('names the Vagrant testbed on %s', async (platform, name) => {
    const fake = fakeContext(['run', 'a.yaml'], { platform, uid: null });
    expect(await execute(fake.context)).toBe(2);
    expect(fake.err()).toBe(
      `thaw: the namespace testbed needs Linux, and this is ${name}\n` +
        'next: use --testbed vagrant, which brings up two Linux machines: see docs/vagrant.md\n',
    );
  });

  it('gives the command to use where the user is not root', async () => {
    const fake = fakeContext(['run', 'my scenarios/a.yaml', '--count', '3'], { uid: 1000 });
    expect(await execute(fake.context)).toBe(2);
    expect(fake.err()).toBe(
      'thaw: this needs root: namespaces, cgroups, CRIU and root file systems cannot be had without\n' +
        "next: sudo npx thaw run 'my scenarios/a.yaml' --count 3\n",
    );
    expect(fake.calls).toEqual([['load', 'my scenarios/a.yaml', { count: 3, limits: true }]]);
  });
});

describe('an interruption', () => {
  const interrupted = (signal: 'SIGINT' | 'SIGTERM') => {
    const controller = new AbortController();
    const reason = new InterruptedError(signal);
    return { controller, reason, signal: controller.signal };
  };

  it('after which the run ended in order still shows the record, and runs no further scenario', async () => {
    const { controller, reason, signal } = interrupted('SIGINT');
    const fake = fakeContext(['run', 'a.yaml', 'b.yaml', '--quiet'], {
      signal,
      actions: {
        async runScenario() {
          controller.abort(reason);
          return { record: passingRecord(), directory: 'reports/httpd/1' };
        },
      },
    });
    expect(await execute(fake.context)).toBe(130);
    expect([fake.out(), fake.err()]).toEqual([summary, 'thaw: interrupted by SIGINT\n']);
  });

  it.each([
    ['the reason itself', (reason: Error) => reason],
    ['an AbortError', () => new DOMException('This operation was aborted', 'AbortError')],
    ['an error that the reason caused', (reason: Error) => new Error('cancelled', { cause: reason })],
  ])('that is thrown as %s is told once, as what it is', async (_, thrown) => {
    const { controller, reason, signal } = interrupted('SIGTERM');
    const runScenario = async () => {
      controller.abort(reason);
      throw thrown(reason);
    };
    const fake = fakeContext(['run', 'a.yaml'], { signal, actions: { runScenario } });
    expect(await execute(fake.context)).toBe(143);
    expect(fake.err()).toBe('thaw: interrupted by SIGTERM\n');
  });

  it('does not hide another error, but gives the code', async () => {
    const { controller, reason, signal } = interrupted('SIGINT');
    const runScenario = async () => {
      controller.abort(reason);
      throw new EnvironmentError('no space left for the record');
    };
    const fake = fakeContext(['run', 'a.yaml'], { signal, actions: { runScenario } });
    expect(await execute(fake.context)).toBe(130);
    expect(fake.err()).toBe('thaw: no space left for the record\n');
  });
});

describe('errors', () => {
  it.each([
    [
      new UsageError('a.yaml:3:1: unknown key', 'did you mean count?'),
      64,
      'thaw: a.yaml:3:1: unknown key\nnext: did you mean count?\n',
    ],
    [new EnvironmentError('no space'), 2, 'thaw: no space\n'],
  ])('end with their code (%#)', async (error, code, text) => {
    const loadScenario = async () => {
      throw error;
    };
    const fake = fakeContext(['run', 'a.yaml'], { actions: { loadScenario } });
    expect(await execute(fake.context)).toBe(code);
    expect([fake.out(), fake.err()]).toEqual(['', text]);
  });

  it('that are bugs end with 2 and say so', async () => {
    const loadScenario = async () => {
      throw new TypeError('x is not a function');
    };
    const fake = fakeContext(['run', 'a.yaml'], { actions: { loadScenario } });
    expect(await execute(fake.context)).toBe(2);
    expect(fake.err()).toMatch(
      /^thaw: this is a bug in Thaw, not in what you did\n {2}TypeError: x is not a function\n/,
    );
  });

  it.each([
    [[], 'no command was given', 'thaw --help'],
    [['rnu'], "unknown command 'rnu'", 'did you mean run? See thaw --help'],
    [['zzzzzz'], "unknown command 'zzzzzz'", 'thaw --help'],
    [['\u001b[2J'], "unknown command '\\x1b[2J'", 'thaw --help'],
    [['--vresion'], "unknown option '--vresion'", 'did you mean --version? See thaw --help'],
    [['run'], 'no scenario is named', 'thaw run scenarios/httpd.yaml'],
    [
      ['run', 'x.yaml', '--resume', 'r'],
      'a scenario does not go with --resume',
      'a run goes on as it was begun: leave it out',
    ],
    [
      ['run', '--resume', 'r', '--count', '3'],
      '--count does not go with --resume',
      'a run goes on as it was begun: leave it out',
    ],
    [['run', 'x.yaml', '--yes'], '--yes goes with --resume', 'leave it out'],
    [
      ['run', 'x.yaml', '--for', '8'],
      "option '--for <time>' argument '8' is invalid. It must be a duration with its unit, such as 500ms, 2s or 1m.",
      'thaw run --help',
    ],
    [
      ['run', 'a.yaml', '--cuont', '3'],
      "unknown option '--cuont'",
      'did you mean --count? See thaw run --help',
    ],
    [
      ['report', 'a', 'b'],
      "too many arguments for 'report'. Expected 1 argument but got 2.",
      'thaw report --help',
    ],
    [['doctor', '--jsn'], "unknown option '--jsn'", 'did you mean --json? See thaw doctor --help'],
    [['clean', '--dry'], "unknown option '--dry'", 'thaw clean --help'],
  ])('of the command line end with 64: %j', async (argv, what, next) => {
    const fake = fakeContext(argv);
    expect(await execute(fake.context)).toBe(64);
    expect([fake.out(), fake.err(), fake.calls]).toEqual(['', `thaw: ${what}\nnext: ${next}\n`, []]);
  });
});

describe('thaw run --resume', () => {
  it('runs what is left of a run, beside it', async () => {
    const fake = fakeContext(['run', '--resume', 'reports/httpd/1']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      ['resume', 'reports/httpd/1', { anyones: false }],
      ['run', 'httpd.yaml', 'reports'],
    ]);
  });

  it('goes on with one that was not begun here where that is said', async () => {
    const fake = fakeContext(['run', '--resume', 'reports/httpd/1', '--yes']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls[0]).toEqual(['resume', 'reports/httpd/1', { anyones: true }]);
  });
});

describe('thaw report', () => {
  it('says of a run that goes on that it does', async () => {
    const sign = { pid: 77, startTicks: 1, at: '2026-01-31T12:00:00.000Z', atMs: 1, migration: 412 };
    const signOfLife = async () => ({ ...sign, completed: 412, failed: 0, rssMiB: 170, heapMiB: 60 });
    const fake = fakeContext(['report', 'reports/httpd/1'], { actions: { signOfLife } });
    expect(await execute(fake.context)).toBe(0);
    expect(fake.err()).toBe(
      'this run still goes on (process 77, migration 412 at 2026-01-31T12:00:00.000Z): what follows is of what is on disk\n',
    );
    expect(fake.out()).toBe(summary);
  });

  it('recomputes, shows, and ends with the code of the verdict', async () => {
    const fake = fakeContext(['report', 'reports/httpd/1'], { uid: 1000, platform: 'darwin' });
    expect(await execute(fake.context)).toBe(0);
    expect([fake.out(), fake.err(), fake.calls]).toEqual([summary, '', [['report', 'reports/httpd/1', {}]]]);
    expect(await execute(fakeContext(['report', 'r'], { records: [failingRecord()] }).context)).toBe(1);
  });

  it('asks for the files that it is told', async () => {
    const files = { html: 'a.html', markdown: 'a.md', trace: 'a.json' };
    const options = Object.entries(files).flatMap(([name, file]) => [`--${name}`, file]);
    const fake = fakeContext(['report', 'reports/httpd/1', ...options]);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([['report', 'reports/httpd/1', files]]);
  });

  it('prints the record with --json', async () => {
    const fake = fakeContext(['report', 'reports/httpd/1', '--json']);
    await execute(fake.context);
    expect(fake.out()).toBe(`${JSON.stringify(passingRecord())}\n`);
  });
});

describe('thaw report in other formats', () => {
  it('writes the files that are asked for', async () => {
    const formats = ['junit', 'ctrf', 'csv', 'benchmark', 'bmf', 'hyperfine', 'prometheus'];
    const fake = fakeContext(['report', 'r', ...formats.flatMap((name) => [`--${name}`, `r.${name}`])]);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls.map((call) => (call as string[]).slice(0, 2))).toEqual([
      ['report', 'r'],
      ...formats.map((name) => ['write', `r.${name}`]),
    ]);
  });
});

describe('thaw doctor', () => {
  const problem = {
    id: 'disk' as const,
    what: 'disk',
    state: 'problem' as const,
    found: '0 MiB',
    why: 'why',
    next: 'make room',
  };

  it('tells what it found', async () => {
    const fake = fakeContext(['doctor'], { uid: 1000 });
    expect(await execute(fake.context)).toBe(0);
    expect(fake.out()).toBe('  ✓ root  yes\n\nThaw can run here.\n');
  });

  it('ends with 2 where there is a problem', async () => {
    const fake = fakeContext(['doctor', '--json'], { actions: { examine: async () => [problem] } });
    expect(await execute(fake.context)).toBe(2);
    expect(JSON.parse(fake.out())).toEqual([problem]);
  });

  it('tells of a scenario what it needs of its own testbed, where the machine is fit', async () => {
    const fake = fakeContext(['doctor', 'a.yaml']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      ['load', 'a.yaml', {}],
      ['examine', null],
      ['examine scenario', 'a.yaml'],
    ]);
    expect(fake.out()).toContain('rhel01 strategy');
    const unfit = fakeContext(['doctor', 'a.yaml'], { actions: { examine: async () => [problem] } });
    expect(await execute(unfit.context)).toBe(2);
    expect(unfit.calls).toEqual([['load', 'a.yaml', {}]]);
  });

  it('looks for what captures by where that is asked for, of a scenario', async () => {
    const fake = fakeContext(['doctor', 'a.yaml', '--capture', 'packets', 'core']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls[0]).toEqual(['load', 'a.yaml', { capture: ['packets', 'core'] }]);
    const without = fakeContext(['doctor', '--capture', 'packets']);
    expect(await execute(without.context)).toBe(64);
    expect(without.calls).toEqual([]);
  });

  it('runs the shipped scenarios where acceptance is asked for, and tells which did not pass', async () => {
    const records = [passingRecord(), failingRecord(), unknownRecord()];
    const fake = fakeContext(['doctor', '--testbed', 'vagrant', '--acceptance', '--json'], { records });
    expect(await execute(fake.context)).toBe(2);
    const overrides = { testbed: 'vagrant', rate: 5, count: 2, limits: false };
    expect(fake.calls).toEqual([
      ['examine', 'vagrant'],
      ...['classic', 'httpd', 'nginx-established'].flatMap((name) => {
        const file = expect.stringMatching(new RegExp(`/scenarios/${name}\\.yaml$`));
        return [
          ['load', file, overrides],
          ['run', file, 'reports'],
        ];
      }),
    ]);
    const findings = JSON.parse(fake.out()) as { what: string; state: string }[];
    expect(findings.map(({ what, state }) => [what, state])).toEqual([
      ['root', 'ok'],
      ['run classic', 'ok'],
      ['run httpd', 'problem'],
      ['run nginx-established', 'warning'],
    ]);
  });

  it('runs nothing where there is a problem already', async () => {
    const fake = fakeContext(['doctor', '--acceptance'], { actions: { examine: async () => [problem] } });
    expect(await execute(fake.context)).toBe(2);
    expect(fake.calls).toEqual([]);
  });
});

describe('thaw sweep', () => {
  it('runs every cell and shows what they cost', async () => {
    const fake = fakeContext(['sweep', 'a.yaml', '--count', '3', '--quiet']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      ['load sweep', 'a.yaml', { count: 3, limits: true }],
      ['sweep', 2, 'reports'],
    ]);
    expect(fake.out()).toMatch(/^PASS {2}memory: 6 cells/);
    expect(fake.out()).toContain('next: thaw report reports/memory/sweep-1\n');
  });

  it('shows the cells and runs nothing where only the plan is asked for, for anybody', async () => {
    const fake = fakeContext(['sweep', 'a.yaml', '--plan'], { uid: 1000 });
    expect(await execute(fake.context)).toBe(0);
    expect(fake.out()).toBe(
      '2 cells × 2 rounds = 4 runs, 44 migrations\n' + '\n      memory\n  1   16MiB\n  2   64MiB\n',
    );
    expect(fake.calls).toHaveLength(1);
  });

  it.each([
    [1_000, 1, 0, ''],
    [1_001, 1, 64, 'a.yaml makes 1,001 cells × 1 round = 1,001 runs, 1,001 migrations'],
    [50, 21, 64, 'a.yaml makes 50 cells × 21 rounds = 1,050 runs, 1,050 migrations'],
    [10_000, 1, 64, 'a.yaml makes 10,000 cells × 1 round = 10,000 runs, 10,000 migrations'],
  ])(
    'asks for --yes before more than a thousand migrations: %d cells, %d rounds',
    async (many, rounds, status, said) => {
      const loadSweep: Actions['loadSweep'] = async (file) => {
        const { scenario } = passingRecord().head;
        const once = { ...scenario, migration: { ...scenario.migration, count: 1, warmUp: 0 } };
        const cells = Array.from({ length: many }, () => ({ scenario: once, file, text: '' }));
        return { axes: [{ key: 'probe.rate', values: [] }], rounds, cells };
      };
      const fake = fakeContext(['sweep', 'a.yaml', '--quiet'], { actions: { loadSweep } });
      expect(await execute(fake.context)).toBe(status);
      expect(fake.err()).toBe(
        said === '' ? '' : `thaw: ${said}\nnext: look at it with --plan, and run it with --yes\n`,
      );
      const sure = fakeContext(['sweep', 'a.yaml', '--yes', '--json'], { actions: { loadSweep } });
      expect(await execute(sure.context)).toBe(0);
      expect(JSON.parse(sure.out())).toEqual(sweepOf());
    },
  );

  it('adds its runs to a history, and writes its page and Markdown where they are asked for', async () => {
    const asked: (string | undefined)[] = [];
    const runs = ['reports/memory/sweep-1/memory/1', 'reports/memory/sweep-1/memory/2'];
    const fake = fakeContext(
      ['sweep', 'a.yaml', '--history', 'h.ndjson', '--html', 's.html', '--markdown', 's.md', '--json'],
      {
        actions: {
          async runSweep({ html }) {
            asked.push(html);
            return { result: sweepOf(), directory: 'reports/memory/sweep-1', runs };
          },
        },
      },
    );
    expect(await execute(fake.context)).toBe(0);
    expect([asked, fake.calls.slice(1)]).toEqual([
      ['s.html'],
      [
        ['add to history', 'h.ndjson', []],
        ['add to history', 'h.ndjson', runs],
        ['write', 's.md', expect.stringMatching(/^\*\*pass\*\*: memory: 6 cells/)],
      ],
    ]);
    expect(JSON.parse(fake.out())).toEqual(sweepOf());
  });

  it('ends like its result, and is read again by thaw report, which has no other format for it', async () => {
    const failing = sweepOf((cell) => (cell === 0 ? { verdict: 'fail' } : {}));
    const runSweep = async () => ({ result: failing, directory: 'reports/memory/sweep-1', runs: [] });
    expect(await execute(fakeContext(['sweep', 'a.yaml'], { actions: { runSweep } }).context)).toBe(1);
    const recomputeSweep = async () => failing;
    const shown = fakeContext(['report', 'reports/memory/sweep-1'], { actions: { recomputeSweep } });
    expect(await execute(shown.context)).toBe(1);
    expect(shown.out()).toMatch(/^FAIL {2}memory: 6 cells/);
    const asked: unknown[] = [];
    const page = fakeContext(['report', 'x', '--html', 'x.html'], {
      actions: {
        async recomputeSweep(...given) {
          asked.push(given);
          return failing;
        },
      },
    });
    expect([await execute(page.context), asked]).toEqual([1, [['x', 'x.html']]]);
    const markdown = fakeContext(['report', 'x', '--markdown', 'x.md'], { actions: { recomputeSweep } });
    await execute(markdown.context);
    expect(markdown.calls).toEqual([['write', 'x.md', expect.stringContaining('**fail**: memory')]]);
    const csv = fakeContext(['report', 'x', '--csv', 'x.csv'], { actions: { recomputeSweep } });
    expect(await execute(csv.context)).toBe(64);
    expect(csv.err()).toMatch(/^thaw: --csv is for one run, and x is a sweep\n/);
  });
});

describe('thaw run --against', () => {
  it('runs the same scenario with both toolchains in turns, and ends with how they compare', async () => {
    const argv = [
      'run',
      'a.yaml',
      '--criu',
      '/mine',
      '--count',
      '5',
      '--against',
      'debian:trixie',
      '--quiet',
    ];
    const fake = fakeContext([...argv, '--rounds', '2']);
    await execute(fake.context);
    // What is the candidate's own is not the base's.
    expect(fake.calls.slice(0, 2)).toEqual([
      ['load', 'a.yaml', expect.objectContaining({ count: 5, toolchain: 'debian:trixie' })],
      ['load', 'a.yaml', expect.objectContaining({ count: 5, criu: '/mine' })],
    ]);
    expect(fake.calls[0]).not.toEqual(['load', 'a.yaml', expect.objectContaining({ criu: '/mine' })]);
    expect(fake.calls[2]).toEqual(['against', expect.anything(), expect.anything(), 2, 'reports']);
    expect(fake.calls[3]).toEqual([
      'compare',
      expect.objectContaining({ base: ['/r/1', '/r/4'], candidate: ['/r/2', '/r/3'] }),
    ]);
    expect(fake.out()).toContain('thaw compare /r/1 \\\n    /r/4 \\\n    --with /r/2');
  });

  it('asks for the page of the comparison, which a run without one does not have', async () => {
    const fake = fakeContext(['run', 'a.yaml', '--against', 'host', '--quiet', '--html', 'c.html']);
    await execute(fake.context);
    expect(fake.calls.at(-1)).toEqual(['compare', expect.objectContaining({ html: 'c.html' })]);
    const alone = fakeContext(['run', 'a.yaml', '--html', 'c.html']);
    expect([await execute(alone.context), alone.calls]).toEqual([64, []]);
    expect(alone.err()).toContain('say --against');
  });
});

describe('thaw calibrate', () => {
  it('takes the shipped scenario, and ends with the verdict on the probe', async () => {
    const fake = fakeContext(['calibrate', '--lengths', '20,100', '--quiet']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      ['load', expect.stringMatching(/\/scenarios\/calibrate\.yaml$/), {}],
      ['calibrate', expect.stringMatching(/calibrate\.yaml$/), [20, 100], 5, 'reports'],
    ]);
    expect(fake.out()).toMatch(/^PASS {2}the probe, asking every 10\.0 ms/);
    const failing = async () => ({
      calibration: calibrationOf({ stopped: 25 }),
      directory: 'reports/calibrate/1',
    });
    const off = fakeContext(['calibrate', 'a.yaml', '--json'], { actions: { calibrate: failing } });
    expect(await execute(off.context)).toBe(1);
    expect(JSON.parse(off.out())).toEqual(calibrationOf({ stopped: 25 }));
  });

  it.each(['0', '20,', '1e3', '70000', '20 100'])('refuses lengths of %j', async (lengths) => {
    const fake = fakeContext(['calibrate', '--lengths', lengths]);
    expect(await execute(fake.context)).toBe(64);
    expect(fake.err()).toContain('It must be lengths in ms from 1 to 60000, such as 20,100,500.');
    expect(fake.calls).toEqual([]);
  });
});

describe('thaw testbed', () => {
  it.each([
    [['up'], ['testbed', 'up', 'vagrant']],
    [
      ['up', '--fresh'],
      ['testbed', 'fresh', 'vagrant'],
    ],
    [
      ['status', '--testbed', 'ssh:lab.yaml'],
      ['testbed', 'status', 'ssh:lab.yaml'],
    ],
  ])('%j tells the state of the machines', async (argv, call) => {
    const fake = fakeContext(['testbed', ...argv], { uid: 1000 });
    expect(await execute(fake.context)).toBe(0);
    expect([fake.out(), fake.calls]).toEqual(['  ✓ rhel01  runc 1.1.5, CRIU 3.17.1\n', [call]]);
  });

  it.each([
    [['down'], 'down'],
    [['down', '--destroy'], 'destroy'],
  ])('%j leaves none', async (argv, action) => {
    const manageTestbed = async (asked: string) => {
      expect(asked).toBe(action);
      return [];
    };
    const fake = fakeContext(['testbed', ...argv], { actions: { manageTestbed } });
    expect(await execute(fake.context)).toBe(0);
    expect(fake.out()).toBe('No machine is up.\n');
  });

  it('ends with 2 where a machine is not up, or none is there', async () => {
    const down = [{ name: 'rhel02', up: false, found: 'no answer' }];
    const fake = fakeContext(['testbed', 'status', '--json'], {
      actions: { manageTestbed: async () => down },
    });
    expect(await execute(fake.context)).toBe(2);
    expect(JSON.parse(fake.out())).toEqual(down);
    const none = fakeContext(['testbed', 'status'], { actions: { manageTestbed: async () => [] } });
    expect(await execute(none.context)).toBe(2);
  });

  it('opens a shell', async () => {
    const fake = fakeContext(['testbed', 'shell', 'rhel01']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([['shell', 'rhel01', 'vagrant']]);
  });
});

describe('thaw clean', () => {
  it('removes, as root', async () => {
    const fake = fakeContext(['clean']);
    expect(await execute(fake.context)).toBe(0);
    expect([fake.out(), fake.calls]).toEqual(['Nothing was left behind.\n', [['clean', { dryRun: false }]]]);
    expect(await execute(fakeContext(['clean'], { uid: 1000 }).context)).toBe(2);
  });

  it('removes on the hosts of a testbed, which this machine need not be root for', async () => {
    const fake = fakeContext(['clean', '--testbed', 'ssh:lab.yaml'], { uid: 1000 });
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([['clean testbed', 'ssh:lab.yaml', { dryRun: false }]]);
    expect(fake.out()).toContain('rhel01: /var/lib/thaw/toolchains');
  });

  it('may be asked by anyone what it would remove', async () => {
    const fake = fakeContext(['clean', '--dry-run', '--json'], { uid: 1000 });
    expect(await execute(fake.context)).toBe(0);
    expect([fake.out(), fake.calls]).toEqual([
      '{"removed":[],"left":[],"running":[]}\n',
      [['clean', { dryRun: true }]],
    ]);
  });

  it('ends with 2 where something is left', async () => {
    const cleanUp = async () => ({
      removed: [],
      left: [{ what: 'cgroup thaw-1', why: 'EBUSY' }],
      running: [],
    });
    expect(await execute(fakeContext(['clean'], { actions: { cleanUp } }).context)).toBe(2);
  });
});

describe('thaw explain', () => {
  const diagnosis = {
    failure: null,
    line: null,
    cause: 'No log was kept that tells of an error.',
    here: [],
    remedy: null,
    sources: [],
    context: [],
  };
  it.each([
    ['no error', [], 0],
    ['a diagnosis', [{ what: 'dump.log', diagnosis }], 0],
    ['nothing that can be told', [{ what: 'dump.log', diagnosis: null }], 2],
  ])('ends with the code of what was found: %s', async (_, found, code) => {
    const fake = fakeContext(['explain', 'dump.log'], { actions: { explain: async () => found } });
    expect(await execute(fake.context)).toBe(code);
  });
});
