#!/bin/sh
# Once the destination serves, the source takes the address again for a moment.
# HOOK claim|release ADDRESS/PREFIX PORT INTERFACE
read -r _ || exit 0
served=/runc/served
announce() { arping -q -U -c 1 -I "$2" "${1%/*}"; }
back() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e $served ] || sleep 0.2; done
  [ -e $served ] || return
  rm $served
  ip address add "$1" dev "$2" && announce "$1" "$2"
  sleep 0.5
  ip address del "$1" dev "$2"
}
case $1 in
  release) back "$2" "$4" </dev/null >/dev/null 2>&1 & ;;
  claim)
    # Before the first migration there is no address yet to announce, and nobody who waits.
    ip address show dev "$4" | grep -q " $2 " || exit 0
    sleep 0.5
    touch $served
    sleep 1
    announce "$2" "$4" ;;
esac
