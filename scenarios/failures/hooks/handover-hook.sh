#!/bin/sh
# Cannot tell anybody, neither on the destination nor in the roll back.
# HOOK claim|release ADDRESS/PREFIX PORT INTERFACE
read -r _ || exit 0
[ "$1" = claim ] || exit 0
# Before the first migration it could.
[ -e /runc/told ] || exec touch /runc/told
echo "the load balancer does not answer" >&2
exit 3
