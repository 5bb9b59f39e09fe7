#!/bin/sh
# Listens on the port of the service on the destination, before the restore.
# HOOK claim|release ADDRESS/PREFIX PORT INTERFACE
read -r _
[ "$(uname -n)" = rhel02 ] || exit 0
case $1 in
  claim)
    setsid perl -e '
      use Socket;
      socket(my $s, AF_INET, SOCK_STREAM, 0) or die;
      bind($s, pack_sockaddr_in($ARGV[0], INADDR_ANY)) && listen($s, 1) or die;
      open(my $ready, ">", "/run/taken.pid") or die; print $ready $$; close $ready;
      sleep 600' "$3" </dev/null >/dev/null 2>&1 &
    for attempt in 1 2 3 4 5 6 7 8 9 10; do [ -s /run/taken.pid ] && exit 0; sleep 0.1; done
    exit 1 ;;
  release)
    [ ! -e /run/taken.pid ] || { kill "$(cat /run/taken.pid)"; rm /run/taken.pid; } ;;
esac
