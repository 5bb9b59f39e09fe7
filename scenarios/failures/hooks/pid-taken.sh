#!/bin/sh
# Starts a process on the destination, before the restore, that has the PID of the container's: an image tells it.
# HOOK claim|release ADDRESS/PREFIX PORT INTERFACE
read -r _
[ "$(uname -n)" = rhel02 ] || exit 0
case $1 in
  claim)
    for core in /runc/images/failures/*/core-*.img; do
      pid=${core##*/core-}
      pid=${pid%.img}
      # The kernel gives the next one; where another process is quicker, it is tried again.
      for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ ! -e "/proc/$pid" ] || exit 0
        echo "$((pid - 1))" >/proc/sys/kernel/ns_last_pid
        setsid sleep 600 </dev/null >/dev/null 2>&1 &
        echo "$!" >/run/taken.pid
      done
    done
    exit 1 ;;
  release)
    [ ! -e /run/taken.pid ] || { kill "$(cat /run/taken.pid)"; rm /run/taken.pid; } ;;
esac
