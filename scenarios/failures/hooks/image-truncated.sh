#!/bin/sh
# Cuts an image off before the restore, and brings the whole one back for the source.
# HOOK claim|release ADDRESS/PREFIX PORT INTERFACE
read -r _
images=/runc/images/failures/0001
[ "$(uname -n)" = rhel02 ] || exit 0
case $1 in
  claim) cp "$images/core-1.img" "$images/whole" && truncate -s 300 "$images/core-1.img" ;;
  release) [ ! -e "$images/whole" ] || mv "$images/whole" "$images/core-1.img" ;;
esac
