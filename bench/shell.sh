#!/bin/sh
# A stop-and-copy migration as a careful person would write it down: one nsenter for each host and step, the address and
# the neighbours' knowledge of it moved at once. Beside bench/against-shell.ts, which fills in what begins with THAW_.
set -eu
on() { # HOST (source or destination) COMMAND …
  case $1 in
  source) pid=$THAW_SOURCE_PID cgroups=$THAW_SOURCE_CGROUPS ;;
  destination) pid=$THAW_DESTINATION_PID cgroups=$THAW_DESTINATION_CGROUPS ;;
  esac
  shift
  (
    for cgroup in $cgroups; do echo 0 >"$cgroup/cgroup.procs"; done
    exec nsenter --target "$pid" --mount --net --uts --ipc --pid --cgroup --wdns="$THAW_BUNDLE" -- "$@"
  )
}
# shellcheck disable=SC2086
on source runc checkpoint --image-path "$THAW_IMAGES" --work-path "$THAW_IMAGES" $THAW_CHECKPOINT_FLAGS "$THAW_ID"
on source ip address del "$THAW_ADDRESS" dev eth0
on destination ip address add "$THAW_ADDRESS" dev eth0
on destination arping -q -U -c 1 -I eth0 "${THAW_ADDRESS%/*}" &
# shellcheck disable=SC2086
on destination runc restore -d --image-path "$THAW_IMAGES" --work-path "$THAW_IMAGES" $THAW_RESTORE_FLAGS "$THAW_ID" </dev/null >/dev/null 2>&1
wait
