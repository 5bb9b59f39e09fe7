#!/bin/bash
# runc, CRIU, NFS and what Thaw calls on a host, from the distribution's own packages; nothing where all is there.
set -euo pipefail

missing() {
  local tool
  for tool in runc criu ip nft arping flock perl mount.nfs exportfs; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || echo "$tool"
  done
}

[ -n "$(missing)" ] || exit 0
if command -v dnf >/dev/null; then
  dnf install -y runc criu nfs-utils iproute nftables iputils util-linux perl-interpreter tar rsync
elif command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends runc criu nfs-common nfs-kernel-server iproute2 nftables iptables \
    iputils-arping util-linux perl-base tar rsync
else
  echo "packages.sh: neither dnf nor apt-get is here" >&2
  exit 1
fi
rest=$(missing)
[ -z "$rest" ] || { echo "packages.sh: still missing: $rest" >&2; exit 1; }
