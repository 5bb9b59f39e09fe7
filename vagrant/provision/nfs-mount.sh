#!/bin/bash
# Mounts the share at /runc, as soon as its server answers.
set -euo pipefail
: "${THAW_NFS_SERVER:?}" "${THAW_NFS_EXPORT:?}" "${THAW_NFS_VERSION:?}"
mountpoint --quiet /runc && exit 0
mkdir -p /runc
for ((tries = 0; tries < 60; tries++)); do
  # `hard`: an answer that is late is waited for, and a write is never lost; Thaw's own commands have limits.
  if timeout 30 mount -t nfs -o "vers=$THAW_NFS_VERSION,hard,noatime" "$THAW_NFS_SERVER:$THAW_NFS_EXPORT" /runc; then
    mkdir -p /runc/containers
    exit 0
  fi
  sleep 1
done
echo "nfs-mount.sh: $THAW_NFS_SERVER:$THAW_NFS_EXPORT cannot be mounted by NFS $THAW_NFS_VERSION" >&2
exit 1
