/** Decides the toolchain of each host. `auto` is the newest that dumps and restores on this very kernel. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { release, version } from 'node:os';
import { join } from 'node:path';
import { startClock } from '../clock.ts';
import { EnvironmentError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Transcript } from '../host/transcript.ts';
import type { Family, HostName, RuntimeName, Scenario, Service, ToolchainFacts } from '../model.ts';
import { joinToolchain, splitToolchain } from '../runtime/parts.ts';
import {
  AUTO_SUITES,
  installedHere,
  type RootContext,
  type ToolchainRoot,
  toolchainRoot,
} from '../runtime/toolchain.ts';
import { openScope } from '../scope.ts';
import { isRpmFamily, type ToolVersions, toolVersions } from './facts.ts';
import { netnsUp } from './netns/up.ts';
import { hostOf } from './testbed.ts';

export interface ChosenToolchain {
  facts: ToolchainFacts;
  root: string;
  /** What lies above it in a host's file system; null: nothing. */
  over: string | null;
  /** Which packages its root file system is made of. */
  family: Family;
  /** `criu check --feature NAME` on this kernel, by name. */
  features: Record<string, boolean>;
}

export interface ToolchainContext extends RootContext {
  transcript: Transcript;
}

interface Trial {
  works: boolean;
  /** The error that decided where it does not. */
  why: string;
  versions: ToolVersions;
  features: Record<string, boolean>;
}

/** One toolchain for each host of the scenario; each distinct name is tried once. */
export async function chooseToolchains(
  { toolchain: wanted, runtime }: Pick<Scenario, 'toolchain' | 'runtime'>,
  context: ToolchainContext,
): Promise<Map<HostName, ChosenToolchain>> {
  const byName = new Map<string, ChosenToolchain>();
  const chosen = new Map<HostName, ChosenToolchain>();
  for (const [host, name] of Object.entries(wanted)) {
    const toolchain = byName.get(name) ?? (await choose(name, runtime, context));
    byName.set(name, toolchain);
    chosen.set(host, toolchain);
  }
  return chosen;
}

async function choose(
  name: string,
  runtime: RuntimeName,
  context: ToolchainContext,
): Promise<ChosenToolchain> {
  const { base, parts } = splitToolchain(name);
  if (base === 'auto' && parts.length > 0) {
    const { facts } = await choose('auto', runtime, context);
    return choose(joinToolchain(facts.name, parts), runtime, context);
  }
  if (name !== 'auto') {
    const root = await toolchainRoot(name, context);
    const trial = await tried(root, context);
    const missing = lacks(trial, runtime);
    if (missing !== null) {
      throw new EnvironmentError(
        `${name} has no ${missing}: ${trial.why}`,
        'choose another toolchain, or `auto`',
      );
    }
    // The user named it, so it is used even where the trial failed: to see it fail may be the point.
    const because = trial.works
      ? 'named in the scenario'
      : `named in the scenario, though its trial failed: ${trial.why}`;
    return {
      root: root.root,
      over: root.over,
      family: await familyOf(root.root),
      features: trial.features,
      facts: factsOf(root, trial, runtime, because),
    };
  }
  const refused: string[] = [];
  for (const candidate of await candidates()) {
    const root = await toolchainRoot(candidate, context);
    const trial = await tried(root, context);
    const missing = lacks(trial, runtime);
    if (trial.works && missing === null) {
      const others = refused.length > 0 ? `; not taken: ${refused.join('; ')}` : '';
      return {
        root: root.root,
        over: root.over,
        family: await familyOf(root.root),
        features: trial.features,
        facts: factsOf(
          root,
          trial,
          runtime,
          `the newest that dumped and restored a listening process here${others}`,
        ),
      };
    }
    const why = trial.works ? `it has no ${missing}` : trial.why;
    const { criu } = trial.versions;
    refused.push(`${candidate} (CRIU ${criu}): ${why}`);
    context.announce(`toolchain ${candidate} (CRIU ${criu}) does not work on this kernel: ${why}`);
  }
  throw new EnvironmentError(
    `no toolchain dumps and restores a listening process on kernel ${release()}:\n  ${refused.join('\n  ')}`,
    'run `thaw doctor`, or name a toolchain of your own with `toolchain: path:/DIRECTORY`',
  );
}

async function familyOf(root: string): Promise<Family> {
  const osRelease = await readFile(join(root, 'etc/os-release'), 'utf8').catch(() => '');
  return isRpmFamily(osRelease) ? 'rpm' : 'debian';
}

async function candidates(): Promise<string[]> {
  const here = (await installedHere()) ? ['host'] : [];
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const debian = /^ID(_LIKE)?=.*debian/m.test(osRelease) ? AUTO_SUITES.map((suite) => `debian:${suite}`) : [];
  const all = [...debian, ...here];
  if (all.length > 0) return all;
  throw new EnvironmentError(
    'this machine has neither runc and CRIU nor a Debian mirror',
    'install them: dnf install runc criu',
  );
}

function lacks({ versions }: Trial, runtime: RuntimeName): string | null {
  if (versions.criu === 'unknown') return 'CRIU';
  return versions[runtime] === 'unknown' ? runtime : null;
}

function factsOf(
  root: ToolchainRoot,
  { versions }: Trial,
  runtime: RuntimeName,
  because: string,
): ToolchainFacts {
  const { name, digest } = root;
  return {
    name,
    runtime: { name: runtime, version: versions[runtime] },
    criu: versions.criu,
    digest,
    because,
  };
}

/** The trial's answer for this kernel and this content, from the cache where both are the same. */
async function tried(root: ToolchainRoot, context: ToolchainContext): Promise<Trial> {
  const file = join(context.cache, 'trials', `${release()}-${root.digest ?? 'unversioned'}-${TRIAL}.json`);
  if (root.digest !== null) {
    const cached = await readFile(file, 'utf8')
      .then(JSON.parse)
      .catch(() => null);
    if (cached !== null && cached.kernel === version()) return cached.trial;
  }
  context.announce(
    `trying toolchain ${root.name} on kernel ${release()}: dump and restore of a listening process`,
  );
  const trial = await onTrialHost(root, context);
  if (root.digest !== null) {
    await mkdir(join(context.cache, 'trials'), { recursive: true });
    await writeFile(file, JSON.stringify({ kernel: version(), trial }));
  }
  return trial;
}

/** Raised when a trial asks more than before: old answers are then not taken. */
const TRIAL = 3;

/** What strategies and connections want of the kernel and of CRIU, by the names of `criu check --feature`. */
export const FEATURES: Record<string, string> = {
  mem_dirty_track: 'pre-copy',
  'uffd-noncoop': 'post-copy',
  pagemap_scan: 'fast scans of large memory',
  network_lock_nftables: 'locking connections by nftables',
  timens: 'clocks that go on after a restore',
};

export async function featuresOn(host: Host): Promise<Record<string, boolean>> {
  const answers = Object.keys(FEATURES).map(async (name): Promise<[string, boolean]> => {
    const argv = ['criu', 'check', '--feature', name];
    return [name, (await host.exec(argv, { timeoutMs: 10_000, allowFailure: true })).status === 0];
  });
  return Object.fromEntries(await Promise.all(answers));
}

const TRIAL_SERVICE: Service = { name: 'trial', address: '172.30.77.10', prefixLength: 24, port: 80 };

async function onTrialHost(root: ToolchainRoot, context: ToolchainContext): Promise<Trial> {
  const scope = openScope();
  try {
    const unknown: ToolchainFacts = {
      name: root.name,
      runtime: { name: 'runc', version: 'unknown' },
      criu: 'unknown',
      digest: null,
      because: '',
    };
    const testbed = await netnsUp(
      {
        plan: { kind: 'netns', cgroup: 'machine', shareMiB: 64 },
        service: TRIAL_SERVICE,
        hosts: [{ name: 'trial', toolchain: unknown, root: root.root, over: root.over }],
        shared: [],
        settings: [],
        clock: startClock(),
        transcript: context.transcript,
      },
      scope,
    );
    const { host } = hostOf(testbed, 'trial');
    return { ...(await tryOn(host)), versions: await toolVersions(host), features: await featuresOn(host) };
  } finally {
    await scope.close();
  }
}

// A listener in what every distribution has. It must live in a session of its own, with no descriptor of ours,
// and sleep in a loop: a sleep that was dumped ends early after the restore.
const LISTENER = `
if command -v perl >/dev/null; then set -- perl -e 'use Socket; socket(S,PF_INET,SOCK_STREAM,0); bind(S,sockaddr_in(7,INADDR_ANY)) or die; listen(S,5); sleep 9 while 1'
elif command -v python3 >/dev/null; then set -- python3 -c 'import socket,time; s=socket.socket(); s.bind(("",7)); s.listen()
while 1: time.sleep(9)'
else echo "neither perl nor python3 to try with" >&2; exit 3; fi
mkdir -p /tmp/trial
setsid "$@" </dev/null >/dev/null 2>&1 &
echo $! >/tmp/trial/pid
for i in 1 2 3 4 5 6 7 8 9 10; do grep -q ' 00000000:0007 ' /proc/net/tcp && exit 0; sleep 0.1; done
echo "the listener did not come up" >&2; exit 4`;

async function tryOn(host: Host): Promise<Pick<Trial, 'works' | 'why'>> {
  const limit = { timeoutMs: 30_000, allowFailure: true };
  const listener = await host.exec(['/bin/sh', '-c', LISTENER], limit);
  if (listener.status !== 0) return { works: false, why: listener.stderr.trim() };
  const pid = (await host.get('/tmp/trial/pid', 20))?.toString().trim() ?? '';
  const dump = await host.exec(
    ['criu', 'dump', '-t', pid, '-D', '/tmp/trial', '-v4', '-o', 'dump.log'],
    limit,
  );
  if (dump.status !== 0) return { works: false, why: await firstError(host, 'dump', dump.stderr) };
  const restore = await host.exec(
    ['criu', 'restore', '-d', '-D', '/tmp/trial', '-v4', '-o', 'restore.log'],
    limit,
  );
  if (restore.status !== 0) return { works: false, why: await firstError(host, 'restore', restore.stderr) };
  const listening = await host.exec(
    ['/bin/sh', '-c', `kill -0 "$1" && grep -q ' 00000000:0007 ' /proc/net/tcp`, 'sh', pid],
    limit,
  );
  return listening.status === 0
    ? { works: true, why: '' }
    : { works: false, why: 'criu restore succeeded, but the process does not listen' };
}

// Without CAP_SYS_RESOURCE CRIU cannot raise its own limit of descriptors, says so as an error, and goes on.
const HARMLESS = /RLIMIT_NOFILE for self/;

async function firstError(host: Host, step: 'dump' | 'restore', stderr: string): Promise<string> {
  const log = (await host.get(`/tmp/trial/${step}.log`, 8 * 1024 * 1024))?.toString('utf8') ?? '';
  const errors = log.split('\n').filter((text) => text.includes('Error') && !HARMLESS.test(text));
  const line = errors[0] ?? stderr.trim().split('\n')[0] ?? 'no error said';
  return `${step}: ${line.replace(/^\([0-9.]+\)\s*/, '').slice(0, 200)}`;
}
