/**
 * The shell texts that make namespaces into hosts. They are constants: whatever differs comes as an argument,
 * so that no value is ever read as shell.
 *
 * A place lives as long as its standard input is open: when the controller dies, in whatever way, `cat` ends,
 * init ends, and the kernel takes the PID namespace and all mounts with it. Waiting for `cat`, the shell reaps
 * orphans as an init must.
 */

/** Joins N cgroups, then becomes the rest: `N DIR… COMMAND…`. */
export const JOIN = `set -eu
n=$1; shift
while [ "$n" -gt 0 ]; do echo 0 >"$1/cgroup.procs"; shift; n=$((n-1)); done
exec "$@"`;

/**
 * The fabric: holds the bridge and what hosts share, `memory` or a `disk` in a file, where this machine has that; else memory.
 * The loop device of a disk goes with the mount. `STATE SHARE_MIB memory|disk`
 */
export const FABRIC = `set -eu
mount -t tmpfs -o mode=755 thaw-state "$1"
mkdir "$1/share" "$1/hosts" "$1/toolchain"
disk() { truncate -s "$2m" "$1/disk" && mkfs.ext4 -q -m 0 -O ^has_journal "$1/disk" && mount -o loop "$1/disk" "$1/share"; }
if [ "$3" = disk ] && disk "$1" "$2" >/dev/null 2>&1; then rmdir "$1/share/lost+found"
else mount -t tmpfs -o "mode=755,size=$2m" thaw-share "$1/share"; fi
mkdir "$1/share/containers"
ip link set lo up
ip link add br0 type bridge stp_state 0 forward_delay 0
ip link set br0 up
echo ready
cat >/dev/null
:`;

/** The client's place: its own network, and its own /etc/hosts. `HOSTS_FILE` */
export const CLIENT = `set -eu
mount --bind "$1" /etc/hosts
ip link set lo up
echo ready
cat >/dev/null
:`;

/**
 * A host: overlay over the toolchain's root, private /proc, /sys, /dev, /run, /tmp, the share at /runc.
 * `NAME LOWER STATE SHARE CGROUP_N (DIRECTORY TYPE OPTIONS)…`
 */
export const HOST = `set -eu
name=$1 lower=$2 state=$3 share=$4 groups=$5; shift 5
root="$state/root"
mkdir -p "$state/upper" "$state/work" "$root"
mount -t overlay -o "lowerdir=$lower,upperdir=$state/upper,workdir=$state/work" overlay "$root"
echo "$name" >/proc/sys/kernel/hostname
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/runc"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
while [ "$groups" -gt 0 ]; do
  at="$root/sys/fs/cgroup"
  if [ -n "$1" ]; then
    mountpoint -q "$at" || mount -t tmpfs -o mode=755 cgroup "$at"
    at="$at/$1"; mkdir -p "$at"
  fi
  if [ -n "$3" ]; then mount -t "$2" -o "$3" cgroup "$at"; else mount -t "$2" cgroup "$at"; fi
  shift 3; groups=$((groups-1))
done
mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
for device in fuse userfaultfd net/tun; do
  if [ -e "/dev/$device" ]; then
    mkdir -p "$root/dev/net"; touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
  fi
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"; ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=755 run "$root/run"
mkdir -m 1777 "$root/run/thaw-sanitizer"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount --rbind "$share" "$root/runc"
cd "$root"; mkdir -p .machine; pivot_root . .machine
exec chroot . /bin/sh -c 'umount -l /.machine && rmdir /.machine && echo ready && cat >/dev/null; :'`;
