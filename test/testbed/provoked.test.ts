import { afterEach, expect, it } from 'vitest';
import { execute } from '../../harness/cli/execute.ts';
import { startClock } from '../../harness/clock.ts';
import { EnvironmentError } from '../../harness/errors.ts';
import { adapted, examineScenario, filesOf } from '../../harness/examine.ts';
import type { Host } from '../../harness/host/host.ts';
import { type HostClock, sharedClock } from '../../harness/host/host-clock.ts';
import { deferredTranscript } from '../../harness/host/transcript.ts';
import { adapt } from '../../harness/migration/adaptations.ts';
import { fitnessOf } from '../../harness/migration/fitness.ts';
import type { Finding, FindingId, Scenario } from '../../harness/model.ts';
import { noProgress } from '../../harness/report/progress.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { openScope } from '../../harness/scope.ts';
import { examineMachine, type Machine } from '../../harness/testbed/doctor.ts';
import { examineHost, examineHosts } from '../../harness/testbed/remote/doctor.ts';
import { examineTogether } from '../../harness/testbed/remote/doctor-together.ts';
import { parseInventory } from '../../harness/testbed/remote/inventory.ts';
import type { ChosenToolchain } from '../../harness/testbed/toolchains.ts';
import { fakeContext } from '../cli/fake-context.ts';
import { type FakeHost, fakeHost, type Stubs } from '../fake-host.ts';
import { failingRecord } from '../report/fixture.ts';

const clock = startClock();
const signal = new AbortController().signal;
const transcript = deferredTranscript();
const hosts: FakeHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.remove();
});

/** Programs of a host on which all is well. */
const WELL: Stubs = {
  runc: '[ "$1" = --version ] && echo runc version 1.3.0; :',
  criu: '[ "$1" = --version ] && echo Version: 4.2; :',
  uname: 'echo Linux 6.12.1 x86_64',
  findmnt: 'echo nas:/srv nfs4 rw,hard,vers=4.2',
  getenforce: 'exit 127',
  'firewall-cmd': 'exit 252',
  ip: 'echo',
};

/** What stubs themselves are made of is answered here; null: it fails. */
type Answers = Record<string, string | null>;
const ANSWERS: Answers = {
  cat: 'MemAvailable: 9999999 kB',
  df: 'Avail\n 4096',
  stat: '0:0',
  test: null,
  mkdir: '',
  rm: '',
};

/** What is put on one host is seen on all of them. */
function madeOf(name: string, stubs: Stubs = {}, answers: Answers = {}, seen = 'rhel01'): Host {
  const host = fakeHost(name, { ...WELL, ...stubs });
  hosts.push(host);
  const told: Answers = { ...ANSWERS, ...answers };
  return {
    ...host,
    put: async () => {},
    get: async () => Buffer.from(seen),
    async exec(argv, options) {
      const answer = told[argv[0] ?? ''];
      if (answer === undefined) return host.exec(argv, options);
      return { status: answer === null ? 1 : 0, stdout: answer ?? '', stderr: '' };
    },
  };
}

const CLOCK: HostClock = {
  ...sharedClock(clock),
  take: () => [{ host: 'rhel01', askedMs: 1, answeredMs: 2, hostNs: '1', wallOffsetMs: 0 }],
};
const onHost = (stubs: Stubs = {}, answers: Answers = {}, at: HostClock = CLOCK) =>
  examineHost({ host: madeOf('rhel01', stubs, answers), clock: at }, clock);
const between = (stubs: Stubs = {}, seen = 'rhel01') =>
  examineTogether([madeOf('rhel01'), madeOf('rhel02', stubs, {}, seen)]);

const TOOLCHAIN = {
  facts: {
    name: 'x',
    runtime: { name: 'runc', version: '1.3.0' },
    criu: '4.2',
    digest: null,
    because: 'tried',
  },
  features: { mem_dirty_track: true },
} as unknown as ChosenToolchain;
const MACHINE: Machine = {
  platform: 'linux',
  uid: 0,
  fileSystems: 'nodev\toverlay\n',
  missingCapabilities: [],
  cgroups: [{ mountPoint: '/sys/fs/cgroup', directory: '', type: 'cgroup2', options: '' }],
  find: async (tool) => `/bin/${tool}`,
  freeMiB: () => 100_000,
  choose: async () => new Map([['host', TOOLCHAIN]]),
  leftovers: async () => ({ removed: [], running: [] }),
};
const onMachine = (but: Partial<Machine> = {}) =>
  examineMachine({ cache: '/', announce: () => {}, signal, transcript }, { ...MACHINE, ...but });
const lacking = (tool: string) =>
  onMachine({ find: async (name) => (name === tool ? null : `/bin/${name}`) });

const wanted = (text = '{strategy: stop-and-copy}') =>
  parseScenario(`name: x\nbundle: {root: {path: /}, args: [x]}\nmigration: ${text}\n`, 'x.yaml');
const needed = (stubs: Stubs = {}, answers: Answers = {}, scenario: Scenario = wanted()) =>
  fitnessOf(scenario, madeOf('rhel01', stubs, answers));

async function ofScenario(text: string): Promise<Finding[]> {
  const scope = openScope();
  const setting = { clock, transcript, progress: noProgress(), signal, scope };
  return examineScenario(parseScenario(text, 'x.yaml'), setting).finally(() => scope.close());
}

async function accepted(): Promise<Finding[]> {
  const fake = fakeContext(['doctor', '--acceptance', '--json'], {
    records: [failingRecord(), failingRecord(), failingRecord()],
  });
  await execute(fake.context);
  return JSON.parse(fake.out()) as Finding[];
}

/** Each finding, and what brings it about. */
const PROVOKED: Record<FindingId, () => Promise<Finding[]>> = {
  platform: () => onMachine({ platform: 'darwin' }),
  root: () => onMachine({ uid: 1000 }),
  capabilities: () => onMachine({ missingCapabilities: ['CAP_SYS_RESOURCE'] }),
  cgroups: () => onMachine({ cgroups: [] }),
  overlayfs: () => onMachine({ fileSystems: 'ext4\n' }),
  tool: () => lacking('nsenter'),
  'root-builder': () => lacking('mmdebstrap'),
  disk: () => onMachine({ freeMiB: () => 2_047 }),
  toolchain: () => onMachine({ choose: () => Promise.reject(new EnvironmentError('none works')) }),
  features: () =>
    onMachine({
      choose: async () => new Map([['host', { ...TOOLCHAIN, features: { mem_dirty_track: false } }]]),
    }),
  leftovers: () => onMachine({ leftovers: async () => ({ removed: ['cgroup thaw-1'], running: [] }) }),
  ssh: () =>
    examineHosts(
      {
        inventory: parseInventory(
          JSON.stringify({
            hosts: {
              a: {
                address: '127.0.0.1',
                port: 1,
                user: 'root',
                key: '/no/key',
                'host-key': `ssh-ed25519 ${Buffer.alloc(51).toString('base64')}`,
              },
            },
          }),
          'lab.yaml',
        ),
        enter: [],
      },
      { clock, transcript },
    ),
  'host-tools': () => onHost({ criu: '' }),
  'host-kernel': () => onHost({ uname: 'exit 1' }),
  'host-features': () => onHost({ criu: 'exit 1' }),
  'host-share': () => onHost({ findmnt: 'echo nas:/srv nfs4 rw,soft' }),
  'host-space': () => onHost({}, { df: 'Avail\n 1023' }),
  'host-clock': () => onHost({}, {}, { ...CLOCK, take: () => [] }),
  'host-selinux': () => onHost({ getenforce: 'echo Enforcing', ausearch: 'echo "avc: denied { ptrace }"' }),
  'host-firewall': () => onHost({ 'firewall-cmd': 'echo "services: ssh"' }),
  'host-leftovers': () => onHost({ runc: 'echo web' }),
  'one-share': () => between({}, 'something else'),
  processors: () => between({ criu: 'echo "CPU capabilities do not match" >&2; exit 1' }),
  versions: () => between({ uname: 'echo 5.10.0' }),
  files: async () => {
    const named = (bundle: string, more = ''): Promise<Finding> =>
      filesOf(parseScenario(`name: x\nbundle: ${bundle}\n${more}`, 'x.yaml'), 'debian', false);
    return [
      await named('{from: /no/such/bundle}'),
      await named('{root: {path: /no/such/root}, args: [x]}'),
      await named('{root: {path: /}, args: [x]}', 'handover: {hook: /no/such/hook}'),
    ].map((one) => {
      // None of them may be passed over.
      expect([one.state, one.found]).toEqual(['problem', expect.stringContaining('/no/such/')]);
      return one;
    });
  },
  adaptations: async () => [
    adapted(adapt(wanted(), { missingCapabilities: ['CAP_SYS_RESOURCE'], runtimeVersions: [] }).adaptations),
  ],
  hosts: () => ofScenario('name: x\nbundle: {root: {path: /}, args: [x]}\ntoolchain: path:/no/such/root\n'),
  'needs-strategy': () => needed({ criu: 'exit 1' }, {}, wanted('{strategy: post-copy}')),
  'needs-tools': () => needed({}, {}, { ...wanted(), runtime: 'no-such-runtime' as 'runc' }),
  'needs-captures': () => needed({ tcpdump: 'exit 127' }, {}, { ...wanted(), capture: ['packets'] }),
  'needs-memory': () => needed({}, { cat: 'MemAvailable: 1024 kB' }),
  'needs-space': () => needed({}, { df: 'Avail\n 1' }),
  'needs-port': () => needed({}, { cat: '   0: 00000000:0050 00000000:0000 0A 0' }),
  'needs-address': () => needed({ ip: "echo '2: eth0    inet 172.30.77.10/24'" }),
  acceptance: accepted,
};
const ids = Object.keys(PROVOKED) as FindingId[];

it.each(ids)('doctor finds what is wrong with %s, why it matters and what to do', async (id) => {
  const told = (await PROVOKED[id]()).filter((finding) => finding.id === id && finding.state !== 'ok');
  expect(told.length).toBeGreaterThan(0);
  for (const { found, why, next } of told) {
    expect(found).not.toBe('');
    expect(why).not.toBe('');
    expect(next).toMatch(/\S/);
  }
});

it.each([
  ['a machine', onMachine],
  ['a host', onHost],
  ['two hosts', between],
  ['what a scenario needs', needed],
  ['what a scenario names', async () => [await filesOf(wanted(), 'debian', false)]],
])('doctor finds nothing wrong with %s that is well', async (_, look) => {
  const findings = await look();
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
});
