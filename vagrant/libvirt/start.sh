#!/bin/bash
# Starts libvirt where systemd does not: in network and mount namespaces of its own, so that its bridges, its rules
# and its files are nowhere but there.
#   vagrant/libvirt/start.sh STATE
# STATE/libvirtd.pid gets the daemon's process ID and start time (field 22 of /proc/PID/stat); enter the place with
#   nsenter --target PID --net --mount
set -euo pipefail

die() { echo "start.sh: $1" >&2; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
state=${1:?where is its state to be kept?}
if [ "${2:-}" != inside ]; then
  [ "$(id -u)" = 0 ] || die "only root can make namespaces and start libvirt"
  for tool in libvirtd virtlogd virsh qemu-system-x86_64 dnsmasq unshare; do
    PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null ||
      die "$tool is missing: apt-get install libvirt-daemon-system libvirt-clients qemu-system-x86 dnsmasq-base"
  done
  mkdir -p "$state"
  state=$(cd "$state" && pwd -P)
  "$here/stop.sh" "$state"
  exec unshare --net --mount --propagation private "$0" "$state" inside
fi

mkdir -p "$state"/{etc,lib,run,log,cache,pool}
[ -e "$state/etc/qemu" ] || cp -a /etc/libvirt/. "$state/etc/"
for pair in etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt cache:/var/cache/libvirt run:/run/libvirt; do
  mkdir -p "${pair#*:}"
  mount --bind "$state/${pair%%:*}" "${pair#*:}"
done
mkdir -p "$state/lib/images" "$state/lib/qemu"
chmod 711 "$state" "$state/lib" "$state/lib/images"
# What tells our processes from all others, for stop.sh: nobody else has this mount.
awk '$5 == "/etc/libvirt" { print $3, $4, $5 }' /proc/self/mountinfo | tail -n 1 >"$state/identity"

cat >"$state/etc/qemu.conf" <<'X'
security_driver = "none"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
X
cat >"$state/etc/libvirtd.conf" <<X
auth_unix_ro = "none"
auth_unix_rw = "none"
log_outputs = "2:file:$state/libvirtd.log"
X
ip link set lo up
virtlogd --daemon --pid-file "$state/virtlogd-daemon.pid" </dev/null >/dev/null
libvirtd --daemon --config "$state/etc/libvirtd.conf" --pid-file "$state/libvirtd-daemon.pid" </dev/null >/dev/null
tries=0
until virsh --connect qemu:///system version >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 60 ] || die "libvirtd does not answer; its last words: $(tail -n 3 "$state/libvirtd.log")"
  sleep 0.2
done
pid=$(cat "$state/libvirtd-daemon.pid")
stat=$(cat "/proc/$pid/stat")
# The name in brackets may hold spaces.
set -- ${stat##*) }
echo "$pid ${20}" >"$state/libvirtd.pid"
