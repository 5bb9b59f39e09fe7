/**
 * A profile of the machine that a host is, on all its processors: to attach perf to a process takes it half a second, and
 * CRIU does not live so long. `perf report --comm criu` shows its part.
 */

// perf begins with its events off, and says by its control pipe when it has turned them on: then nothing is missed.
export const PERF_RECORD = String.raw`
use strict; $| = 1; $^F = 255;
my ($file) = @ARGV;
grep { -x "$_/perf" } split /:/, $ENV{PATH} or die "perf is not installed\n";
pipe(my $commands, my $command) or die; pipe(my $acks, my $ack) or die;
my $perf = fork // die "fork: $!";
if (!$perf) {
  close $command; close $acks;
  exec "perf", "record", "-a", "-q", "-g", "-F", "499", "--max-size=64M", "-D", "-1", "-o", $file,
    "--control", "fd:" . fileno($commands) . "," . fileno($ack);
  exit 127;
}
close $commands; close $ack;
$SIG{INT} = $SIG{TERM} = sub { kill "INT", $perf };
$SIG{PIPE} = "IGNORE";
syswrite($command, "enable\n");
sysread($acks, my $answer, 4) or die "perf record does not begin\n";
print "ready\n";
waitpid($perf, 0);
`;
