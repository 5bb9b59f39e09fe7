#!/bin/sh
# Listens on a Unix socket beside the files of the service, outside of the container.
# HOOK claim|release ADDRESS/PREFIX PORT INTERFACE
read -r _
[ "$1 $(uname -n)" = "claim rhel01" ] && [ ! -e /tmp/failures/outside.sock ] || exit 0
setsid perl -e '
  use Socket;
  socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
  bind($s, pack_sockaddr_un("/tmp/failures/outside.sock")) && listen($s, 1) or die;
  accept(my $c, $s) and sleep 600' </dev/null >/dev/null 2>&1 &
for attempt in 1 2 3 4 5 6 7 8 9 10; do [ -e /tmp/failures/outside.sock ] && exit 0; sleep 0.1; done
exit 1
