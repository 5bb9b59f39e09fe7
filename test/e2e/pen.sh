#!/bin/sh
# The first process of a pen, in namespaces of processes and mounts that pen.ts made: `NAME COMMAND…`. Runs the command
# where state and cgroups of Thaw's are nobody else's, and ends with it, or when its standard input does.
set -eu
name=$1
shift
mkdir -p /run/thaw
mount -t tmpfs -o mode=755 thaw /run/thaw

# A cgroup of our own becomes all that is seen of the hierarchy. One of v1 takes no process without CPUs and memory nodes.
fence() {
  mkdir "$1/$name"
  for file in cpuset.cpus cpuset.mems; do
    [ ! -e "$1/$file" ] || cat "$1/$file" >"$1/$name/$file"
  done
  [ ! -e "$1/$name/cgroup.controllers" ] ||
    sed 's/[a-z_][a-z_]*/+&/g' "$1/$name/cgroup.controllers" >"$1/$name/cgroup.subtree_control"
  mount --bind "$1/$name" "$1"
}

# What was frozen does not die, and what has a process cannot be removed.
unfence() {
  umount "$1"
  find "$1/$name" -name freezer.state -exec sh -c 'echo THAWED >"$1"' sh {} \;
  find "$1/$name" -name cgroup.freeze -exec sh -c 'echo 0 >"$1"' sh {} \;
}

remove() {
  [ ! -d "$1/$name" ] || find "$1/$name" -depth -type d -exec rmdir {} +
}

others() {
  set -- /proc/[0-9]*
  [ $# -gt 1 ]
}

# For so many tenths of a second, while the rest is true.
while_for() {
  tenths=$1
  shift
  while [ "$tenths" -gt 0 ] && "$@"; do
    sleep 0.1
    tenths=$((tenths - 1))
  done
}

hierarchies=$(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts | sort -u)
for at in $hierarchies; do fence "$at"; done
exec 4<&0
"$@" </dev/null 4<&- &
worker=$!
exec 3>&-
{ read -r _ || kill "$worker"; } <&4 2>/dev/null &
# The shell would tell that it was ended.
exec 5>&2 2>/dev/null
wait "$worker" || :
# As Ctrl-C would: a run puts back what it changed.
kill -TERM -1 || :
while_for 100 others
for at in $hierarchies; do unfence "$at" 2>&5; done
kill -KILL -1 || :
while_for 20 others
for at in $hierarchies; do remove "$at" 2>&5; done
