/**
 * The YAML of a scenario as a person writes it: keys in kebab-case, defaults, limits, and what each key means.
 * The one source of parsing, of the JSON Schema and of the reference in docs/scenario.md.
 */
import { z } from 'zod';
import { CAPTURE_KINDS, FAULT_KINDS, FAULT_PHASES } from '../fault.ts';
import { bundle } from './bundle.ts';
import {
  COUNT,
  DEFAULT_PATH,
  duration,
  hostName,
  line,
  linkRate,
  name,
  percent,
  RESERVED_HOSTS,
  RUN_LENGTH,
  rate,
  size,
  text,
  toolchainName,
  whole,
} from './leaves.ts';

const path = z
  .array(hostName, 'must be a list of host names')
  .min(2, 'must have at least 2 hosts')
  .max(64, 'must have at most 64 hosts')
  .superRefine((hosts, context) => {
    for (const [index, host] of hosts.entries()) {
      const add = (message: string) => context.addIssue({ code: 'custom', message, path: [index] });
      if (RESERVED_HOSTS.includes(host)) add(`must be another name: the testbed uses ${host} itself`);
      if (hosts.length < 2 || host !== hosts[(index + 1) % hosts.length]) continue;
      add(
        index + 1 < hosts.length
          ? 'must differ from the host after it: the container is already there'
          : 'must differ from the first host, which comes after it',
      );
    }
  });

const TAKEN = /^--?(image-path|work-path)(=|$)/;
const flags = z.array(line, 'must be a list of words').superRefine((words, context) => {
  for (const [index, word] of words.entries()) {
    const message =
      'must not choose where images and logs lie: Thaw keeps them on the share, see image-directory';
    if (TAKEN.test(word)) context.addIssue({ code: 'custom', message, path: [index] });
  }
});

const criuConf = z.array(line, 'must be a list of lines');

const extra = z
  .strictObject({
    checkpoint: flags.prefault([]).describe('Flags of the checkpoint command, word by word.'),
    restore: flags.prefault([]).describe('Flags of the restore command, word by word.'),
    'criu-conf': z
      .strictObject({
        source: criuConf.prefault([]).describe('Lines of the criu.conf for the dump.'),
        destination: criuConf.prefault([]).describe('Lines of the criu.conf for the restore.'),
      })
      .prefault({})
      .describe('Options of CRIU itself, by a criu.conf that the container names.'),
  })
  .prefault({})
  .describe('Raw options of your own, passed on unchanged and recorded.');

const migration = z
  .strictObject({
    strategy: z
      .enum(['stop-and-copy', 'pre-copy', 'post-copy', 'hybrid'])
      .prefault('stop-and-copy')
      .describe(
        'How memory gets to the destination. `stop-and-copy`: all of it while the container is frozen. `pre-copy`: by pre-dumps while it runs, and then what has changed since. `post-copy`: page by page after it runs on the destination already. `hybrid`: by pre-dumps, and what has changed since page by page.',
      ),
    'pre-dumps': whole(1, 32)
      .optional()
      .describe(
        'With `pre-copy` and `hybrid`: how many pre-dumps come before the dump, 2 by default; with `pre-dumps-until` how many at most, 8 by default.',
      ),
    'pre-dumps-until': z
      .union(
        [z.enum(['stops-shrinking']), z.strictObject({ below: size })],
        'must be stops-shrinking or {below: SIZE}',
      )
      .optional()
      .describe(
        'With `pre-copy` and `hybrid`: when pre-dumps end before there are `pre-dumps` of them. `stops-shrinking`: as soon as one has not written a tenth less than the one before. `{below: 4MiB}`: then, or as soon as one has written less than that.',
      ),
    'auto-dedup': z
      .boolean()
      .prefault(false)
      .describe(
        "With `pre-copy` and `hybrid`: CRIU's `--auto-dedup`, which frees pages of earlier images that a later one holds anew. The file system of the images must be able to punch holes.",
      ),
    path: path
      .prefault([...DEFAULT_PATH])
      .describe(
        'Hosts in the order in which the container visits them, round and round; it starts on the first.',
      ),
    count: whole(COUNT.min, COUNT.max)
      .optional()
      .describe(
        'Measured migrations; the warm-up is not counted here. 10 by default; with `for`, as many as its time allows.',
      ),
    for: RUN_LENGTH.optional().describe(
      'No migration begins later than this after the first; `count` then is the most there can be.',
    ),
    'warm-up': whole(0, 1_000)
      .prefault(1)
      .describe('Migrations before the measured ones: recorded and marked, but left out of figures.'),
    pause: duration('0ms', '1h').prefault('500ms').describe('Rest between two migrations.'),
    connections: z
      .enum(['auto', 'refuse', 'established', 'close'])
      .prefault('auto')
      .describe(
        'What CRIU does with open TCP connections. `refuse`: the runtime without flags, so that a dump with a connection fails. `established`: they survive. `close`: they are closed in the image. `auto`: `established` where the machine can restore them, else `close`; the record says which.',
      ),
    'in-flight': z
      .enum(['skip', 'retry'])
      .prefault('skip')
      .describe(
        'What becomes of a connection that the server has not accepted when the container is frozen. `skip`: it is left out of the image, and its client asks again. `retry`: CRIU refuses the dump, the container goes on, and it is dumped anew, up to ten times; the report counts them.',
      ),
    transfer: z
      .enum(['share', 'copy', 'page-server'])
      .prefault('share')
      .describe(
        'With `stop-and-copy`: how the images get to the destination. `share`: both hosts see one directory. `copy`: they are written to memory of the source (`/run`), and a tar stream goes from there to memory of the destination, over their network, while the container is frozen. `page-server`: a page server of CRIU on the destination takes the pages while the source dumps them, and only the other images are copied so; runc only.',
      ),
    'image-directory': z
      .enum(['default', 'per-migration'])
      .prefault('default')
      .describe(
        'Where the images go on the share. `default`: `checkpoint` in the bundle directory, as the runtime does by itself. `per-migration`: a directory for each migration.',
      ),
    'on-failure': z
      .enum(['continue', 'stop'])
      .prefault('continue')
      .describe(
        'What the run does after a migration that failed. A container that was lost ends it in any case.',
      ),
    timeout: duration('1s', '1h').prefault('1m').describe('Limit of each command of a migration.'),
    sabotage: z
      .enum(['start-anew', 'older-image', 'kill-process'])
      .optional()
      .describe(
        'Breaks each migration in a way that must be noticed, to prove a check. `start-anew`: the container is started on the destination instead of restored. `older-image`: what is restored is the checkpoint of the migration before. `kill-process`: the last process of the container is killed after the restore.',
      ),
    extra,
  })
  .prefault({})
  .describe('How the container moves, how often and along which hosts.');

const IPV4 = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ADDRESS = new RegExp(`^${IPV4}\\.${IPV4}\\.${IPV4}\\.${IPV4}/(8|9|1\\d|2\\d)$`);

const service = z
  .strictObject({
    name: text(
      /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
      'must be a host name of a-z, 0-9 and `-`, such as rhel0x',
    )
      .prefault('rhel0x')
      .describe('The name that the client resolves.'),
    address: text(
      ADDRESS,
      'must be an IPv4 address with a prefix length from 8 to 29, such as 172.30.77.10/24',
    )
      .meta({ title: 'IPv4 address with its prefix length', examples: ['172.30.77.10/24'] })
      .prefault('172.30.77.10/24')
      .describe(
        'The service address, which moves with the container. Hosts and client get addresses beside it.',
      ),
    port: whole(1, 65_535).prefault(80).describe('TCP port of the server.'),
  })
  .prefault({})
  .describe('What the client asks.');

const handover = z
  .strictObject({
    address: z
      .enum(['before-restore', 'after-restore'])
      .prefault('before-restore')
      .describe(
        'When the destination gets the service address. Established connections need it before the restore.',
      ),
    announce: z
      .boolean()
      .prefault(true)
      .describe('Whether neighbours are told by gratuitous ARP that the address has moved.'),
    unserved: z
      .enum(['refuse', 'drop'])
      .prefault('refuse')
      .describe(
        'What a new connection meets while nobody serves. `refuse`: it is told so at once. `drop`: from the beginning of the checkpoint command until the restore it hears nothing, and its client tries again after a second.',
      ),
    hook: text(/^[^\0]+$/, 'must be the path of an executable file')
      .optional()
      .describe(
        'An executable file of your own for what must change beside the address (routes, load balancers), relative to the scenario. Hosts call it as `HOOK claim|release ADDRESS/PREFIX PORT INTERFACE` before the freeze; it waits for a line on standard input, then acts, and ends with 0. `release` where there is nothing to release must succeed.',
      ),
  })
  .prefault({})
  .describe('How the service address moves from source to destination.');

const kept = whole(1, 1_000);

const probe = z
  .strictObject({
    path: text(/^\/[!-~]{0,1023}$/, 'must be the path of a URL, such as /index.html')
      .prefault('/')
      .describe('Path that is asked for.'),
    rate: rate
      .prefault('100/s')
      .describe('Requests a second, each due at a fixed instant whatever the server does.'),
    connection: z
      .union(
        [z.enum(['per-request', 'kept']), z.strictObject({ kept })],
        'must be per-request, kept or {kept: NUMBER}',
      )
      .prefault('per-request')
      .describe(
        'A TCP connection for each request (`per-request`), one that is kept (`kept`), or a number of them (`{kept: 8}`).',
      ),
    timeout: duration('10ms', '10m').prefault('5s').describe('After this long a request counts as lost.'),
    'max-in-flight': whole(1, 10_000)
      .prefault(1_000)
      .describe('Requests that may be open at once; those that are due beyond it are recorded as dropped.'),
    mode: z
      .enum(['continuous', 'between'])
      .prefault('continuous')
      .describe(
        '`continuous`: the client asks through all of the run. `between`: no client is connected during a migration; it asks before and after.',
      ),
  })
  .prefault({})
  .describe('The HTTP client.');

const limit = z
  .strictObject({
    median: duration('0ms', '1h')
      .optional()
      .describe('The median of all measured migrations is at most this.'),
    p95: duration('0ms', '1h').optional().describe('The 95th percentile is at most this.'),
    max: duration('0ms', '1h').optional().describe('No measured migration is above this.'),
  })
  .refine((value) => Object.keys(value).length > 0, 'must have one of median, p95 and max')
  .optional();

const checks = z
  .strictObject({
    'known-hosts': z.boolean().prefault(true).describe('Every answer names a host of the path.'),
    'no-split-brain': z.boolean().prefault(true).describe('Two hosts never answer in the same instant.'),
    'host-order': z.boolean().prefault(true).describe('Hosts answer in the order of the migrations.'),
    'one-container': z
      .boolean()
      .prefault(true)
      .describe('After a migration the container runs on one host, by the word of the runtime on both.'),
    'same-container': z
      .boolean()
      .optional()
      .describe(
        'After a migration the container has the same processes, open files, mounts and mapped files; sockets are left out. For a container that does not change them by itself; `true` with `bundle.counter` and `bundle.redis`, else `false`.',
      ),
    'no-lost-state': z
      .boolean()
      .optional()
      .describe(
        'Every request that a counter has answered is contained in all later answers, and its start time stays. Of any server whose second line is `count N since T`; `true` with `bundle.counter` and `bundle.redis`, else `false`.',
      ),
    'no-lost-writes': z
      .boolean()
      .optional()
      .describe(
        'Every write that redis has acknowledged is found again after each migration, by a reading of all data. Of any server whose third line is `writes W lost L checked C on HOST`; `true` with `bundle.redis`, else `false`.',
      ),
    'same-bytes': z
      .boolean()
      .optional()
      .describe(
        'All answers of a host with the same status have the same body, by length and CRC-32; what a counter and redis say of their memory is left out. For a server whose content does not change by itself; `true` with `bundle.counter` and `bundle.redis`, else `false`.',
      ),
    'failed-migrations': whole(0, COUNT.max).prefault(0).describe('Migrations that may fail.'),
    'broken-connections': whole(0, 1e9)
      .optional()
      .describe('Connections that may break over the whole run; without it they are counted, not judged.'),
    'lost-requests': whole(0, 1e9)
      .optional()
      .describe('Requests that may be lost over the whole run; without it they are counted, not judged.'),
    downtime: limit.describe('From the last answer of the source to the first of the destination.'),
    'frozen-window': limit.describe('From tasks stopped on the source to tasks running on the destination.'),
    frozen_time: limit.describe("CRIU's own figure of that name."),
    gap: limit.describe("Thaw's own share of the freeze: between the source's last command and the restore."),
  })
  .prefault({})
  .describe('What must be true for the run to pass. A check that cannot be told is unknown, never passed.');

const testbed = z
  .strictObject({
    kind: z
      .enum(['netns', 'vagrant', 'ssh'])
      .prefault('netns')
      .describe(
        '`netns`: hosts made of namespaces on this machine. `vagrant`: virtual machines, by the Vagrantfile. `ssh`: machines that exist already, by an inventory.',
      ),
    cgroup: z
      .enum(['machine', 'v2'])
      .prefault('machine')
      .describe(
        'For `netns`. `machine`: the cgroup hierarchies that this machine has. `v2`: only the unified one.',
      ),
    share: size
      .prefault('1GiB')
      .describe('For `netns`: size of the directory that the hosts share at `/runc`; it lies in memory.'),
    inventory: text(/^[^\0]+$/, 'must be the path of an inventory file')
      .optional()
      .describe('For `ssh`: the inventory file, relative to the scenario.'),
  })
  .refine(
    ({ kind, inventory }) => (kind === 'ssh') === (inventory !== undefined),
    '`inventory` goes with `kind: ssh`, and only with it',
  )
  .prefault({})
  .describe('Where the hosts come from.');

const network = z
  .strictObject({
    rate: linkRate
      .prefault('unlimited')
      .describe('Bits a second at most, by a token bucket (tbf); `unlimited`: as fast as it goes.'),
    delay: duration('0ms', '10s')
      .prefault('0ms')
      .describe('How much later each packet goes out (netem); between two hosts it counts each way.'),
    loss: percent
      .prefault('0%')
      .describe(
        'Packets that are lost (netem), drawn by the seed of the scenario where kernel and `tc` know a seed; the record tells it.',
      ),
  })
  .prefault({})
  .describe(
    'How every host sends, to the other hosts and to the client alike; what the client sends is left alone. What a kernel does not have makes the run skipped.',
  );

const toolchain = z
  .union(
    [toolchainName, z.record(hostName, toolchainName)],
    'must be a toolchain, or a map from host to toolchain',
  )
  .prefault('auto')
  .describe(
    'runc and CRIU of the hosts: one for all, or a map from host to toolchain (hosts that it leaves out take `auto`). `auto`: the newest that dumps and restores on this kernel. `host`: what is installed here. `debian:SUITE`: from a root file system of that suite. `path:/DIRECTORY`: from your own. `+runc=FROM`, `+crun=FROM` and `+criu=FROM` after it take one binary from elsewhere: a file (`/PATH`, or `/PATH#sha256=HEX`), `host`, `debian:SUITE`, an address with its checksum (`https://…#sha256=HEX`), or a git revision that is built in a clean root (`git:REPOSITORY@REVISION`).',
  );

const fault = z.strictObject({
  kind: z
    .enum(FAULT_KINDS)
    .describe(
      '`kill-criu`: CRIU is killed. `criu-fault`: one of its own fault points, by `CRIU_FAULT`. `freeze-host`, `kill-host`: all processes of a host. `cut-network`, `slow-network` (1 Mbit/s): of a host or the client. `fill-share`: no byte more fits on the share. `hang-share`: who writes there waits. `kill-client`: the probe is killed. `jump-clock`: the clock is set forward by as long as `for`. What a testbed cannot do is skipped, with the reason.',
    ),
  at: z
    .enum([...FAULT_PHASES, 'random'])
    .prefault('random')
    .describe('The phase with which it begins; `random`: one that the strategy has, drawn by the seed.'),
  host: z
    .enum(['source', 'destination', 'client'])
    .optional()
    .describe('Where; by default the end on which that phase takes place.'),
  after: duration('0ms', '1m').prefault('0ms').describe('So long after that phase has begun.'),
  spread: duration('0ms', '1m').prefault('0ms').describe('A time up to this more, drawn by the seed.'),
  for: duration('10ms', '20s').prefault('1s').describe('After this long it is undone.'),
  migrations: z
    .array(whole(1, COUNT.max), 'must be a list of numbers of migrations')
    .min(1, 'must have at least one number')
    .optional()
    .describe('In which migrations, from 1, the warm-up counted; without it in all of them.'),
  number: whole(1, 255).optional().describe('With `criu-fault`: the value of `CRIU_FAULT`.'),
});

export const scenarioSchema = z.strictObject({
  name: name.describe('Name of the scenario; its runs lie in `reports/NAME/`.'),
  why: z
    .string('must be text')
    .regex(/^[^\0]*$/, 'must be text without NUL')
    .prefault('')
    .describe('What this scenario shows, for whoever reads the report.'),
  seed: whole(0, 4_294_967_295).prefault(1).describe('Seed of every random choice of the run.'),
  bundle,
  migration,
  service,
  handover,
  probe,
  checks,
  testbed,
  network,
  toolchain,
  runtime: z
    .enum(['runc', 'crun'])
    .prefault('runc')
    .describe('The container runtime on all hosts; crun has neither post-copy nor `hybrid`.'),
  faults: z
    .array(fault, 'must be a list of faults')
    .max(100, 'must be at most 100 faults')
    .prefault([])
    .describe('What is broken on purpose while a migration goes on; see docs/faults.md.'),
  capture: z
    .array(z.enum(CAPTURE_KINDS), 'must be a list of packets, strace, perf, core and images')
    .max(5, 'must have each once')
    .prefault([])
    .describe(
      'What is captured of each migration, on both hosts, into its directory. `packets`: tcpdump, the first 192 bytes of up to 200,000. `strace`: of CRIU, and `perf`: of all processors, up to 64 MiB. `core`: of a CRIU that crashes, up to 256 MiB. `images`: those of a migration that failed, up to 256 MiB of each of the first 4; they hold the memory of the container. All but `images` disturbs the figures; see docs/repro.md.',
    ),
  vary: z
    .record(
      z.string(),
      z.array(z.unknown(), 'must be a list of values').min(1, 'must have at least one value'),
    )
    .optional()
    .describe(
      'For `thaw sweep`: keys of this scenario, written with dots, and the values that each takes, such as `bundle.counter.memory: [64MiB, 256MiB]`. Every combination of them is a cell.',
    ),
  rounds: whole(1, 1_000)
    .prefault(2)
    .describe(
      'With `vary`: how often each cell is run. The cells of a round are run in an order drawn by the seed.',
    ),
});

/** What was written, with all defaults in place and leaves as values; not yet the words of the model. */
export type Written = z.output<typeof scenarioSchema>;
