/** A hook of the handover that ends CRIU on a host as if it had crashed in the restore. */

// It is called before the restore, and waits for it beside. The CRIU of the dump may still be there, on the other host, and
// may be dead already: it takes a signal too, so it is told by its host's namespace.
export const crashOf = (host: string, how = AT_ONCE): string => `#!/bin/sh
read -r _
[ "$1" = claim ] && [ "$(uname -n)" = ${host} ] || exit 0
setsid sh -c '
  ours=$(readlink /proc/self/ns/uts)
  for i in $(seq 20000); do
    for process in /proc/[0-9]*; do
      read -r name <$process/comm || continue
      [ "$name" = criu ] && [ "$(readlink $process/ns/uts)" = "$ours" ] || continue
      pid=\${process#/proc/}
      ${how} && exit
    done
  done' >/dev/null 2>&1 </dev/null &
`;

const AT_ONCE = 'kill -SEGV $pid';
/** For what looks at CRIU: the one that restores, and not the one that is asked for its version, stands still before. */
export const LOOKED_AT =
  'grep -q swrk $process/cmdline && kill -STOP $pid && sleep 0.2 && kill -SEGV $pid && kill -CONT $pid';
