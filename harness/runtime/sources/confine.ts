/**
 * Runs a build where it can do no harm: in the clean root, with the sources as its only directory that lasts, as a
 * user without rights, without a network, and in namespaces that end with it. The root itself stays as it is.
 */
import { type LocalResult, run } from '../../host/local.ts';
import { BUILD_LIMIT_MS, CONFINED } from '../roots/install.ts';

export interface Confinement {
  /** Of the clean root. */
  root: string;
  /** The sources, which lie at /build inside. */
  sources: string;
  /** An empty directory for mounts. */
  work: string;
  /** Gets all that is printed. */
  log: string;
  /** Shell text, a constant, with its arguments. */
  script: string;
  args: readonly string[];
  signal: AbortSignal;
}

/** The user and group `nobody` and `nogroup` of Debian. */
export const BUILDER = 65_534;

/** Status null: no end within the limit, or interrupted. */
export async function confined({
  root,
  sources,
  work,
  log,
  script,
  args,
  signal,
}: Confinement): Promise<LocalResult> {
  const argv = [...CONFINED, '--net', '--ipc', '--uts', '/bin/sh', '-c', SETUP, 'sh'];
  return run([...argv, root, sources, work, log, String(BUILDER), script, ...args], {
    timeoutMs: BUILD_LIMIT_MS,
    signal,
  });
}

const SETUP = `set -eu
lower=$1 sources=$2 work=$3 log=$4 builder=$5 script=$6; shift 6
exec >>"$log" 2>&1
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/work" overlay "$work/root"
cd "$work/root"
mkdir -p build
mount --bind "$sources" build
mount -t proc proc proc
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=0755 tmpfs dev
for node in null zero full random urandom; do : >"dev/$node"; mount --bind "/dev/$node" "dev/$node"; done
ln -s /proc/self/fd dev/fd
exec chroot . setpriv --reuid "$builder" --regid "$builder" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
  env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/build LANG=C.UTF-8 LC_ALL=C.UTF-8 \
  /bin/sh -c "cd /build && set -eu
$script" sh "$@"`;
