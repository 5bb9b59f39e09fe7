#!/bin/bash
# Delays and limits what this machine sends into the private network; 0 takes both away again.
set -euo pipefail
: "${THAW_ADDRESS:?}" "${THAW_DELAY_MS:?}" "${THAW_RATE_MBIT:?}"
device=$(ip -o -4 address show | awk -v address="$THAW_ADDRESS" 'index($4, address "/") == 1 { print $2; exit }')
[ -n "$device" ] || { echo "shaping.sh: no interface has $THAW_ADDRESS" >&2; exit 1; }
if [ "$THAW_DELAY_MS" = 0 ] && [ "$THAW_RATE_MBIT" = 0 ]; then
  tc qdisc del dev "$device" root 2>/dev/null || true
  exit 0
fi
set -- delay "${THAW_DELAY_MS}ms"
if [ "$THAW_RATE_MBIT" != 0 ]; then set -- "$@" rate "${THAW_RATE_MBIT}mbit"; fi
modprobe sch_netem 2>/dev/null || true
tc qdisc replace dev "$device" root netem "$@"
