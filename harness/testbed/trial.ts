/** The trial of a toolchain: it is good when it has dumped and restored a listening process on this very kernel. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { release, version } from 'node:os';
import { join } from 'node:path';
import { startClock } from '../clock.ts';
import type { Host } from '../host/host.ts';
import type { Transcript } from '../host/transcript.ts';
import type { Service, ToolchainFacts } from '../model.ts';
import type { RootContext, ToolchainRoot } from '../runtime/toolchain.ts';
import { openScope } from '../scope.ts';
import { type ToolVersions, toolVersions } from './facts.ts';
import { netnsUp } from './netns/up.ts';
import { hostOf } from './testbed.ts';

export interface ToolchainContext extends RootContext {
  transcript: Transcript;
}

export interface Trial {
  works: boolean;
  /** The error that decided where it does not. */
  why: string;
  versions: ToolVersions;
  features: Record<string, boolean>;
}

/** The trial's answer for this kernel and this content, from the cache where both are the same, unless `again`. */
export async function tried(
  root: ToolchainRoot,
  context: ToolchainContext,
  { again = false } = {},
): Promise<Trial> {
  const file = fileOf(context.cache, root.digest ?? 'unversioned');
  const cached = root.digest === null || again ? null : await earlier(file);
  if (cached !== null) return cached;
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

/** What trials on this kernel said of a root, or of binaries above one, by the digest of its content. */
export async function trialsOf(cache: string, digest: string): Promise<Trial[]> {
  const folder = join(cache, 'trials');
  const names = (await readdir(folder).catch(() => [])).filter(
    (name) => name.startsWith(`${release()}-`) && name.endsWith(`-${digest}-${TRIAL}.json`),
  );
  const found = await Promise.all(names.map((name) => earlier(join(folder, name))));
  return found.filter((trial) => trial !== null);
}

async function earlier(file: string): Promise<Trial | null> {
  const cached = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch(() => null);
  return cached !== null && cached.kernel === version() ? cached.trial : null;
}

function fileOf(cache: string, digest: string): string {
  return join(cache, 'trials', `${release()}-${digest}-${TRIAL}.json`);
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
        shareOn: 'memory',
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
