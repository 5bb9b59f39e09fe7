#!/bin/bash
# Ends everything that runs in the place which start.sh made: libvirt's daemons, and machines that are still there.
#   vagrant/libvirt/stop.sh STATE
set -euo pipefail
state=${1:?where is its state?}
[ -s "$state/identity" ] || exit 0
read -r device root mount <"$state/identity"

# Processes that have our directory mounted over libvirt's; awk compares whole fields, and reads what has just ended as
# nothing.
ours() {
  for process in /proc/[0-9]*; do
    awk -v device="$device" -v root="$root" -v at="$mount" \
      '$3 == device && $4 == root && $5 == at { found = 1 } END { exit !found }' "$process/mountinfo" 2>/dev/null &&
      echo "${process#/proc/}"
  done
  return 0
}

for signal in TERM KILL; do
  tries=0
  while pids=$(ours) && [ -n "$pids" ] && [ $tries -lt 25 ]; do
    # shellcheck disable=SC2086
    [ $((tries % 25)) != 0 ] || kill -s "$signal" $pids 2>/dev/null || true
    tries=$((tries + 1))
    sleep 0.2
  done
done
[ -z "$(ours)" ] || { echo "stop.sh: these do not end: $(ours | tr '\n' ' ')" >&2; exit 1; }
rm -f "$state/identity" "$state"/*.pid
