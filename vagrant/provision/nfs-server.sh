#!/bin/bash
# Exports the share to the private network. Root stays root there: CRIU's images and the container's files belong to it.
set -euo pipefail
: "${THAW_NETWORK:?}" "${THAW_NFS_EXPORT:?}"
mkdir -p "$THAW_NFS_EXPORT" /etc/exports.d
# async: the share holds what can be made again, and a sync after each write would be measured as part of a dump.
echo "$THAW_NFS_EXPORT $THAW_NETWORK(rw,no_root_squash,no_subtree_check,async,fsid=1)" >/etc/exports.d/thaw.exports
if command -v dnf >/dev/null; then service=nfs-server; else service=nfs-kernel-server; fi
systemctl enable --quiet --now "$service"
exportfs -ra
