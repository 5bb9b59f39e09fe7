/**
 * The heartbeat: a tiny process beside the server, inside the container, that looks at the clock every
 * millisecond and notes where it could not. Its largest pause is the freeze as the container lived it.
 *
 * It notes CLOCK_REALTIME, since CRIU restores into a time namespace in which CLOCK_MONOTONIC does not show the
 * freeze. It needs no more than perl-base (so no Time::HiRes), and holds no descriptor open that CRIU would have
 * to carry over. Its notes are read back by heartbeat.ts.
 */

/** How often it looks, and the pause from which on it notes. */
export const HEARTBEAT_PERIOD_US = 1_000;
export const HEARTBEAT_THRESHOLD_US = 5_000;

/** Below /dev, which is a tmpfs of the container: a mount point can be made there whatever the root is. */
const INSIDE = '/dev/thaw-heartbeat';
const NOTES = `${INSIDE}/pauses`;

/** The command line that starts the heartbeat and then becomes the server. Values go as arguments, never as text. */
export function heartbeatArgs(args: readonly string[], notes: string = NOTES): string[] {
  const numbers = [HEARTBEAT_PERIOD_US, HEARTBEAT_THRESHOLD_US].map(String);
  return ['/bin/sh', '-c', BESIDE, 'heartbeat', PERL, notes, ...numbers, ...args];
}

export function heartbeatMount(directory: string): {
  destination: string;
  type: string;
  source: string;
  options: string[];
} {
  return { destination: INSIDE, type: 'bind', source: directory, options: ['rbind', 'rw'] };
}

// A heartbeat that cannot start must not keep the server from starting; its figures are then unknown. The shell
// becomes the server, so its PID ($$) is the server's. Its descriptors are its own: CRIU refuses those of a host.
const BESIDE = 'perl -e "$1" -- "$2" "$3" "$4" "$$" </dev/null >/dev/null 2>&1 & shift 4; exec "$@"';

const PERL = `
use strict;
use Config;
my ($notes, $period, $threshold, $server) = @ARGV;
# Numbers of clock_gettime; perl-base has no other way to the wall clock in microseconds.
my %number = (x86_64 => 228, aarch64 => 113, riscv64 => 113, powerpc64le => 246, ppc64le => 246, s390x => 260);
my $clock_gettime = $number{(split /-/, $Config{archname})[0]} or exit 1;
sub now {
  my $time = "\\0" x 16;
  syscall($clock_gettime, 0, $time);
  my ($seconds, $nanoseconds) = unpack "q2", $time;
  return $seconds * 1000000 + int($nanoseconds / 1000);
}
sub note {
  open(my $file, ">>", $notes) or return;
  print $file "@_\\n";
  close $file;
}
note("period", $period);
my $last = now();
while (getppid == $server) {
  select(undef, undef, undef, $period / 1000000);
  my $now = now();
  note($last, $now) if $now - $last > $threshold;
  $last = $now;
}
`.trim();
