import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '../../harness/host/host.ts';
import { fitnessOf, needsOf, requireRoom } from '../../harness/migration/fitness.ts';
import type { Need } from '../../harness/model.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { type FakeHost, fakeHost, type Stubs } from '../fake-host.ts';

const SCENARIO = `
name: x
bundle: {root: {debian: {suite: bookworm, packages: [httpd]}}, counter: {memory: 256MiB}}
migration: {strategy: STRATEGY, transfer: TRANSFER}
`;
const wanted = (strategy = 'stop-and-copy', transfer = 'share') =>
  parseScenario(SCENARIO.replace('STRATEGY', strategy).replace('TRANSFER', transfer), 'x.yaml');

/** What `cat` and `df` answer, and what stubs do; by default everything is well. */
interface Answers {
  /** MiB; null: it is not told. */
  available?: number | null;
  free?: number | null;
  tcp?: string;
  stubs?: Stubs;
}
const WELL: Stubs = { ip: "echo '2: eth0    inet 10.0.0.1/24 scope global eth0'" };

function answering(real: Host, { available = 576, free = 320, tcp = '' }: Answers): Host {
  const answers: Record<string, string> = {
    '/proc/meminfo': available === null ? '' : `MemAvailable:   ${available * 1_024} kB\n`,
    '/proc/net/tcp': tcp,
    '/runc': free === null ? '' : `Avail\n ${free}\n`,
    '/run': free === null ? '' : `Avail\n ${free}\n`,
  };
  return {
    ...real,
    async exec(argv, options) {
      const [name = '', ...rest] = argv;
      if (name !== 'cat' && name !== 'df') return real.exec(argv, options);
      const stdout = answers[rest.find((word) => word in answers) ?? ''] ?? '';
      return { status: stdout === '' ? 1 : 0, stdout, stderr: '' };
    },
  };
}

let host: FakeHost | undefined;
afterEach(() => host?.remove());

async function unwell(answers: Answers, scenario = wanted()): Promise<Record<string, string>> {
  host = fakeHost('rhel01', { ...WELL, ...answers.stubs });
  const findings = await fitnessOf(scenario, answering(host, answers));
  expect(findings.map(({ what }) => what)).toEqual(needsOf(scenario).map((need) => `rhel01 ${need}`));
  for (const { state, next } of findings) expect(state === 'ok').toBe(next === null);
  return Object.fromEntries(
    findings.filter(({ state }) => state !== 'ok').map(({ what, found }) => [what.split(' ')[1], found]),
  );
}

const copied = () => wanted('stop-and-copy', 'copy');
/** On machines of their own, with a share on a disk. */
const elsewhere = (transfer = 'share') => ({
  ...wanted('stop-and-copy', transfer),
  testbed: { kind: 'vagrant' as const },
});

/** What provokes each finding, and what it then says. */
const PROVOKED: Record<Need, [Answers, string, ReturnType<typeof wanted>?][]> = {
  strategy: [
    [
      { stubs: { criu: 'exit 1' } },
      'pre-copy needs tracking of changed memory (soft-dirty bits), which `criu check --feature mem_dirty_track` does not find on rhel01',
      wanted('pre-copy'),
    ],
    [
      { stubs: { perl: 'exit 1' } },
      'transfer: copy needs Perl and tar, which rhel01 does not have',
      copied(),
    ],
  ],
  tools: [[{}, 'not there: no-such-runtime', { ...wanted(), runtime: 'no-such-runtime' as 'runc' }]],
  captures: [
    [
      { stubs: { perf: 'exit 2', perl: '', tcpdump: '' } },
      'not there, or they do not work: perf',
      { ...wanted(), capture: ['perf', 'packets', 'core'] },
    ],
  ],
  memory: [
    // What it holds, and its images on a share that lies in memory, and 64.
    [{ available: 575 }, '575 MiB available, 576 wanted'],
    [{ available: 831 }, '831 MiB available, 832 wanted', copied()],
    [{ available: 319 }, '319 MiB available, 320 wanted', elsewhere()],
    [{ available: 575 }, '575 MiB available, 576 wanted', elsewhere('copy')],
    [{ available: null }, 'it is not told'],
  ],
  space: [
    [{ free: 319 }, '319 MiB free at /runc, 320 wanted'],
    [{ free: 1 }, '1 MiB free at /run, 320 wanted', copied()],
    [{ free: null }, '/runc is not there'],
  ],
  port: [
    [{ tcp: '   0: 00000000:0050 00000000:0000 0A 0' }, 'in use: 80'],
    [{ tcp: '   0: 00000000:001B 00000000:0000 0A 0' }, 'in use: 27', wanted('post-copy')],
    [{ tcp: '   0: 00000000:4284 00000000:0000 0A 0' }, 'in use: 17028', copied()],
  ],
  address: [
    [
      { stubs: { ip: "echo '2: eth0    inet 172.30.77.10/24 scope'" } },
      '172.30.77.10 is on this host already',
    ],
  ],
};

describe('what a scenario needs of a host', () => {
  it('is there where everything is well', async () => {
    expect(await unwell({})).toEqual({});
  });

  const needs = Object.keys(PROVOKED) as Need[];
  const ways = needs.flatMap((need) =>
    PROVOKED[need].map(([answers, told, scenario = wanted()]) => ({ need, answers, told, scenario })),
  );
  it.each(ways)('$need is not well: $told', async ({ need, answers, told, scenario }) => {
    expect((await unwell(answers, scenario))[need]).toBe(told);
  });

  it('has no captures where none are asked for', () => {
    expect(needsOf(wanted())).toEqual(needs.filter((need) => need !== 'captures'));
  });

  it('looks for what captures by beside the host', async () => {
    host = fakeHost('rhel01', { ...WELL, tcpdump: 'exit 1' });
    const beside = fakeHost('beside', { tcpdump: '' });
    const scenario = { ...wanted(), capture: ['packets' as const] };
    const findings = await fitnessOf(scenario, host, beside);
    beside.remove();
    expect(findings.find(({ id }) => id === 'needs-captures')).toMatchObject({
      state: 'ok',
      found: 'packets by tcpdump',
    });
  });
});

describe('a container that finds no room', () => {
  const asked = async (answers: Answers, scenario = wanted()): Promise<void> => {
    host = fakeHost('rhel01', WELL);
    await requireRoom(scenario, [answering(host, answers)]);
  };

  it('is not begun: what is missing is told, and what to change', async () => {
    await expect(asked({ available: 575 })).rejects.toMatchObject({
      message:
        'there is too little room on rhel01: 575 MiB available, 576 wanted (the container needs it here, and so do images that lie in memory)',
      next: 'less memory in `bundle.counter` or `bundle.redis`, or more on the host',
      exitCode: 2,
    });
    host?.remove();
    await expect(asked({ free: 319 })).rejects.toThrow(
      'there is too little room on rhel01: 319 MiB free at /runc, 320 wanted',
    );
  });

  it('is begun where a share is small, but its memory goes there in no image', async () => {
    await asked({ free: 64 }, wanted('post-copy'));
    host?.remove();
    await expect(asked({ free: 63 }, wanted('post-copy'))).rejects.toThrow('63 MiB free at /runc, 64 wanted');
  });

  it('is begun where all fits, or where nobody knows what it holds', async () => {
    await asked({});
    host?.remove();
    const text = SCENARIO.replace('counter: {memory: 256MiB}', 'args: [/bin/a]');
    await asked(
      { available: null, free: null },
      parseScenario(text.replace('STRATEGY', 'stop-and-copy').replace('TRANSFER', 'share'), 'x.yaml'),
    );
  });
});
