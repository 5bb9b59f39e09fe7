/** The part of a replay script that is the same for every run: POSIX shell, which reads the settings before it. */

export const REPLAY_BODY = String.raw`
# ---------------------------------------------------------------- what places are made of
# A place lives as long as its standard input is open, so all of them end with this script, in whatever way it ends.

fabric() { # STATE MIB ROOTFS READ_ONLY BELOW
  read -r self _ </proc/self/stat
  mount -t tmpfs -o mode=755 replay "$1"
  mkdir "$1/share" "$1/hosts"
  mount -t tmpfs -o "mode=755,size=$2m" share "$1/share"
  root=$1/share/containers/$id$5
  mkdir -p "$root"
  if [ "$4" = true ]; then mount --bind "$3" "$root"; mount -o remount,bind,ro "$root"; else cp -a --one-file-system "$3/." "$root"; fi
  ip link set lo up
  ip link add br0 type bridge stp_state 0 forward_delay 0
  ip link set br0 up
  echo "ready $self"
  cat >/dev/null
}

client() {
  read -r self _ </proc/self/stat
  ip link set lo up
  echo "ready $self"
  cat >/dev/null
}

host() { # NAME LOWER STATE SHARE HIERARCHIES
  read -r self _ </proc/self/stat
  root=$3/root
  mkdir -p "$3/upper" "$3/work" "$root"
  mount -t overlay -o "lowerdir=$2,upperdir=$3/upper,workdir=$3/work" overlay "$root"
  echo "$1" >/proc/sys/kernel/hostname
  mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/runc"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  while read -r _ directory type options; do
    at=$root/sys/fs/cgroup
    if [ "$directory" != - ]; then
      mountpoint -q "$at" || mount -t tmpfs -o mode=755 cgroup "$at"
      at=$at/$directory
      mkdir -p "$at"
    fi
    if [ "$options" != - ]; then mount -t "$type" -o "$options" cgroup "$at"; else mount -t "$type" cgroup "$at"; fi
  done <"$5"
  mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
  for device in null zero full random urandom tty fuse userfaultfd net/tun; do
    [ -e "/dev/$device" ] || continue
    mkdir -p "$root/dev/net"
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  mount -t tmpfs -o mode=755 run "$root/run"
  mount -t tmpfs -o mode=1777 tmp "$root/tmp"
  mount --rbind "$4" "$root/runc"
  cd "$root"
  mkdir -p .machine
  pivot_root . .machine
  # shellcheck disable=SC2016
  exec chroot . /bin/sh -c 'umount -l /.machine && rmdir /.machine && echo "ready $1" && cat >/dev/null; :' sh "$self"
}

case "@{1-}" in
  --fabric | --client | --host) place=@{1#--}; shift; "$place" "$@"; exit 0 ;;
esac

# ---------------------------------------------------------------- bringing them up

stop() { echo "replay: $*" >&2; exit 2; }

# A setting that has no namespace. What it was is put back at the end.
change() { # NAME VALUE exact|at-least
  was=$(sysctl -n "$1")
  [ "$was" != "$2" ] || return 0
  [ "$3" = exact ] || [ "$was" -lt "$2" ] || return 0
  echo "$1=$was" >>"$work/settings"
  sysctl -qw "$1=$2"
}

build() { # SUITE PACKAGES DIRECTORY
  command -v mmdebstrap >/dev/null || stop 'set TOOLCHAIN and ROOTFS, or install mmdebstrap'
  echo "building $3 from $1"
  unshare --mount --pid --fork --kill-child mmdebstrap --mode=root --variant=minbase --include="$2" \
    --aptopt='Acquire::Check-Valid-Until "false"' "$1" "$3" @{MIRROR:+"deb $MIRROR $1 main"} \
    >"$work/build.log" 2>&1 || stop "$(tail -n 5 "$work/build.log")"
}

# MOUNT_POINT DIRECTORY TYPE OPTIONS of each cgroup hierarchy; "-" where there is none.
hierarchies() {
  while read -r _ at type options _; do
    chosen=
    case $type in
      cgroup2) echo "$at unified cgroup2 -" ;;
      cgroup)
        for option in $(echo "$options" | tr , ' '); do
          case $option in
            cpu | cpuacct | cpuset | memory | devices | freezer | blkio | pids | net_cls | net_prio | perf_event | hugetlb | rdma | misc)
              chosen=@{chosen:+$chosen,}$option ;;
            name=*) chosen=none,$option ;;
          esac
        done
        [ -z "$chosen" ] || echo "$at @{chosen#none,name=} cgroup $chosen" ;;
    esac
  done </proc/mounts | awk '!seen[$4 $3]++'
}

make_group() { # NAME
  while read -r at _ type _; do
    for one in "$at/$group-$1" "$at/$group-$1/init"; do
      mkdir "$one"
      for file in cpuset.cpus cpuset.mems; do
        [ "$type" != cgroup ] || [ ! -e "$one/$file" ] || cat "$one/../$file" >"$one/$file"
      done
    done
  done <"$work/all"
}

join() { # NAME
  while read -r at _; do echo 0 >"$at/$1/cgroup.procs"; done <"$work/all"
}

# Starts a place in cgroups of its own, and waits until it says that it is ready, and which process it is.
start() { # NAME COMMAND...
  name=$1
  shift
  make_group "$name"
  # It is read before the process beside may have made it.
  : >"$work/$name.said"
  (join "$group-$name"; exec "$@") <"$work/alive" >"$work/$name.said" 2>"$work/$name.failed" 9>&- &
  for _ in $(seq 200); do
    sed -n 's/^ready //p' "$work/$name.said" >"$work/$name.pid"
    [ ! -s "$work/$name.pid" ] || break
    kill -0 "$!" 2>/dev/null || stop "$name could not be set up: $(cat "$work/$name.failed")"
    sleep 0.1
  done
  [ -s "$work/$name.pid" ] || stop "$name could not be set up: not ready after 20 s"
  # Only now: its cgroup namespace begins at the group, and the runtime makes cgroups beside this one.
  while read -r at _; do
    cat "$at/$group-$name/cgroup.procs" >"$work/pids"
    while read -r pid; do echo "$pid" >"$at/$group-$name/init/cgroup.procs"; done <"$work/pids"
  done <"$work/all"
}

pid_of() { cat "$work/$1.pid"; }

plug() { # NAME PORT ADDRESS
  nsenter --target "$(pid_of fabric)" --net -- ip link add "$2" type veth peer name eth0 netns "$(pid_of "$1")"
  nsenter --target "$(pid_of fabric)" --net -- ip link set "$2" master br0 up
  nsenter --target "$(pid_of "$1")" --net -- ip link set lo up
  nsenter --target "$(pid_of "$1")" --net -- ip link set eth0 up
  nsenter --target "$(pid_of "$1")" --net -- ip address add "$3/$prefix" dev eth0
}

on() ( # HOST COMMAND...
  pid=$(pid_of "$1")
  join "$group-$1/init"
  shift
  exec nsenter --target "$pid" --mount --net --uts --ipc --pid --cgroup -- "$@"
) 9>&-

in_bundle() { at=$1; shift; on "$at" env -C "$bundle" "$@"; }

put() { # HOST PATH MODE
  on "$1" mkdir -p -- "$(dirname -- "$2")" </dev/null
  on "$1" tee -- "$2" >/dev/null
  on "$1" chmod "$3" -- "$2" </dev/null
}

ask() {
  nsenter --target "$(pid_of client)" --net -- \
    curl --silent --max-time 2 --header "Host: $service:$port" "http://$address:$port$path" 2>/dev/null | head -n 1
}

# The first line of an answer is the name of the host that it came from.
await() { # HOST
  for _ in $(seq 100); do
    [ "$(ask)" != "$1" ] || return 0
    sleep 0.1
  done
  return 1
}

clean_up() {
  status=$?
  trap - EXIT INT TERM
  exec 9>&-
  case $status in 0 | 1 | 2 | 130 | 143) ;; *) status=2 ;; esac
  for one in $asking $reader; do kill "$one" 2>/dev/null || :; done
  for _ in $(seq 100); do
    left=
    while read -r at _; do
      for one in "$at/$group"-*; do
        [ -d "$one" ] || continue
        left=1
        # What is frozen does not die.
        find "$one" -name freezer.state -exec sh -c 'echo THAWED >"$1"' sh {} \; 2>/dev/null || :
        find "$one" -name cgroup.freeze -exec sh -c 'echo 0 >"$1"' sh {} \; 2>/dev/null || :
        find "$one" -name cgroup.procs -exec cat {} + 2>/dev/null |
          while read -r pid; do kill -KILL "$pid" 2>/dev/null || :; done
        find "$one" -depth -type d -exec rmdir {} + 2>/dev/null || :
      done
    done <"$work/all"
    [ -n "$left" ] || break
    sleep 0.1
  done
  while read -r one; do sysctl -qw "$one" || echo "replay: sysctl $one could not be put back" >&2; done <"$work/settings"
  rm -rf --one-file-system -- "$work"
  exit "$status"
}

# ---------------------------------------------------------------- one migration

address_of() { # HOST
  place=0
  for one in $hosts; do
    place=$((place + 1))
    [ "$one" != "$1" ] || echo "$addresses" | cut -d ' ' -f "$place"
  done
}

# In the background; when it has ended its status stands in a file. Descriptor 6 is for one that says when it is ready.
begin() { # NAME COMMAND...
  name=$1
  shift
  rm -f "$work/$name.over"
  {
    code=0
    "$@" </dev/null >>"$work/told" 2>&1 || code=$?
    echo "$code" >"$work/$name.new"
    mv "$work/$name.new" "$work/$name.over"
  } 9>&- &
}

begin_serving() { # NAME COMMAND...
  rm -f "$work/ready" "$work/byte"
  mkfifo "$work/ready"
  dd if="$work/ready" of="$work/byte" bs=1 count=1 2>/dev/null 9>&- &
  reader=$!
  begin "$@" 6>"$work/ready"
}

# It has said that it is ready; false where it ended before, or takes longer than the run allowed.
ready() { # NAME
  for _ in $(seq "$((limit * 50))"); do
    if [ -s "$work/byte" ]; then reader=; return 0; fi
    [ ! -e "$work/$1.over" ] || return 1
    sleep 0.02
  done
  return 1
}

# Its status when it has ended; 124 where it takes longer than the run allowed.
over() { # NAME
  for _ in $(seq "$((limit * 50))"); do
    [ ! -e "$work/$1.over" ] || return "$(cat "$work/$1.over")"
    sleep 0.02
  done
  echo "$1 was not over within $limit s" >>"$work/told"
  return 124
}

limited() { # NAME COMMAND...
  begin "$@"
  over "$1"
}

# The daemon that fetches pages is nobody's child: its process directory goes when it ends.
fetched() { # HOST IMAGES
  # shellcheck disable=SC2016
  on "$1" sh -c 'pid=$(cat "$1") || exit; while [ -e "/proc/$pid" ]; do sleep 0.02; done' sh "$2/lazy-pages.pid"
}

# Pages that follow come from a checkpoint that goes on; those that go before are taken by a server.
dump() { # SOURCE DESTINATION IMAGES
  case $pages in
    follow) begin_serving pages checkpoint "$1" "$3" "$2" && ready pages ;;
    before)
      begin_serving pages page_server "$2" "$3"
      ready pages && limited checkpoint checkpoint "$1" "$3" "$2" ;;
    *) limited checkpoint checkpoint "$1" "$3" "$2" ;;
  esac
}

call_hook() { [ -z "$hook" ] || on "$1" "$hook" "$2" "$address/$prefix" "$port" eth0 <<GO
go
GO
}

claim() {
  on "$1" ip address add "$address/$prefix" dev eth0 </dev/null || return 1
  on "$1" arping -q -U -c 1 -I eth0 "$address" </dev/null >/dev/null 2>&1 || :
  call_hook "$1" claim
}

release() {
  on "$1" ip address del "$address/$prefix" dev eth0 </dev/null || return 1
  call_hook "$1" release
}

# Says what failed, with the lines of CRIU that tell of errors.
failed() { # PHASE HOST LOG
  failed_at=$1
  on "$2" cat "$3" </dev/null >>"$work/told" 2>/dev/null || :
  echo "$1 failed on $2:"
  grep -E 'Error|rror:' "$work/told" | head -n 8 | sed 's/^/  /'
  return 1
}

move() { # NUMBER SOURCE DESTINATION
  echo "migration $1: $2 to $3"
  images=$(images_of "$1")
  : >"$work/told"
  for at in "$2" "$3"; do prepare "$at" "$images" </dev/null; done
  criu_conf source | put "$2" "$conf" 644
  criu_conf destination | put "$3" "$conf" 644
  guard "$3" -I
  if ! pre_dumps "$2" "$images" </dev/null >>"$work/told" 2>&1; then failed pre-dump "$2" "$images/pre-1/dump.log"; return 1; fi
  dump "$2" "$3" "$images" || { failed dump "$2" "$images/dump.log"; return 1; }
  transfer "$2" "$3" "$images" || { failed transfer "$2" "$images/dump.log"; return 1; }
  [ "$pages" != before ] || over pages || { failed transfer "$3" "$images/page-server.log"; return 1; }
  release "$2" || { failed handover "$2" "$images/dump.log"; return 1; }
  [ "$claim" = after-restore ] || claim "$3" || { failed handover "$3" "$images/dump.log"; return 1; }
  if [ "$pages" = follow ]; then
    limited fetcher lazy_pages "$3" "$images" "$2" || { failed restore "$3" "$images/lazy-pages.log"; return 1; }
  fi
  limited restore restore "$3" "$images" || { failed restore "$3" "$images/restore.log"; return 1; }
  [ "$claim" = before-restore ] || claim "$3" || { failed handover "$3" "$images/restore.log"; return 1; }
  guard "$3" -D
  if [ "$pages" = follow ]; then
    limited fetched fetched "$3" "$images" || { failed lazy-pages "$3" "$images/lazy-pages.log"; return 1; }
    over pages || { failed lazy-pages "$2" "$images/dump.log"; return 1; }
    on "$3" sed -n 's/^.*\(UFFD transferred pages: .*\)/  \1/p' "$images/lazy-pages.log" </dev/null
  fi
  await "$3" || { failed first-response "$3" "$images/restore.log"; return 1; }
  echo "  $3 answers"
}

# ---------------------------------------------------------------- all of it

[ "$(id -u)" = 0 ] || stop 'it makes namespaces and mounts, so run it as root'
for command in unshare nsenter pivot_root ip curl awk seq; do
  command -v "$command" >/dev/null || stop "$command is missing"
done
work=$(mktemp -d)
: >"$work/all"
: >"$work/settings"
asking=
reader=
failed_at=
group=replay-$$
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

hierarchies >"$work/all"
if [ "$cgroups" = v2 ]; then grep ' cgroup2 ' "$work/all" >"$work/visible"; else cp "$work/all" "$work/visible"; fi
# Alone, the unified hierarchy is mounted at /sys/fs/cgroup itself.
[ "$(wc -l <"$work/visible")" != 1 ] || sed -i 's/ unified cgroup2 / - cgroup2 /' "$work/visible"
cp "$0" "$work/replay.sh"
find_roots
machine_settings
mkfifo "$work/alive"
exec 9<>"$work/alive"
mkdir "$work/lab"

start fabric unshare --mount --net --propagation private -- \
  sh "$work/replay.sh" --fabric "$work/lab" "$share_mib" "$ROOTFS" "$read_only" "$root_at"
number=0
for member in $hosts; do
  number=$((number + 1))
  start "$member" nsenter --target "$(pid_of fabric)" --mount -- \
    unshare --net --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private -- \
    sh "$work/replay.sh" --host "$member" "$(toolchain_of "$member")" "$work/lab/hosts/$member" "$work/lab/share" "$work/visible"
  plug "$member" "port$number" "$(echo "$addresses" | cut -d ' ' -f "$number")"
done
start client unshare --mount --net --propagation private -- sh "$work/replay.sh" --client
plug client client "$(echo "$addresses" | cut -d ' ' -f "$((number + 1))")"

first=@{hosts%% *}
config | put "$first" "$bundle/config.json" 644
on "$first" mkdir -p /runc/heartbeat </dev/null
on "$first" chmod 1777 /runc/heartbeat </dev/null
for at in $hosts; do
  host_files "$at"
  [ -z "$hook" ] || hook_text | put "$at" "$hook" 755
  [ "$user_namespace" = false ] || on "$at" sysctl -qw net.ipv4.ip_unprivileged_port_start=0 </dev/null
  on "$at" "$runtime" --version </dev/null | sed -n "1s/^/$at: /p"
  on "$at" criu --version </dev/null | sed -n "1s/^Version:/$at: CRIU/p"
  # It fills CRIU's cache of what the kernel can.
  on "$at" criu check </dev/null >/dev/null 2>&1 || :
done
call_hook "$first" claim
on "$first" ip address add "$address/$prefix" dev eth0 </dev/null
in_bundle "$first" "$runtime" --log /run/replay.log run -d "$id" </dev/null >/dev/null 2>&1 ||
  stop "the container cannot start: $(on "$first" cat /run/replay.log </dev/null)"
await "$first" || stop 'the container runs, but does not answer'
echo "$first answers"
if [ "$connected" = true ]; then
  # One connection that stays open, or one for each request.
  if [ "$kept" = true ]; then
    nsenter --target "$(pid_of client)" --net -- \
      curl --silent "telnet://$address:$port" <"$work/alive" >/dev/null 2>&1 9>&- &
  else
    while sleep 0.05; do ask; done >/dev/null 2>&1 9>&- &
  fi
  asking=$!
  sleep 0.5
fi

number=0
for leg in $legs; do
  number=$((number + 1))
  move "$number" "@{leg%:*}" "@{leg#*:}" || break
done

# Numbers differ from run to run.
same() { sed 's/[0-9][0-9]*/N/g'; }
if [ -z "$failed_at" ] && [ -z "$expected_phase" ]; then echo 'REPRODUCED: all migrations completed, as in the run'
elif [ -z "$failed_at" ]; then echo 'NOT REPRODUCED: all migrations completed'; exit 1
elif [ "$failed_at" = "$expected_phase" ] && same <"$work/told" | grep -qF -- "$(printf '%s' "$expected_line" | same)"; then
  echo "REPRODUCED: $failed_at failed as in the run: $expected_line"
else echo 'ANOTHER FAILURE than in the run'; exit 1; fi
`.replaceAll('@{', '${');
