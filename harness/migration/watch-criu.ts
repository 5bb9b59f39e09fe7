/** Waits for CRIU to begin on a host, and hands the PID of each to a program that looks at it. */

// Arguments: the link of the host's PID namespace, and the program, whose last argument becomes the PID.
// CRIU's own children are not followed: a restored task that is traced already cannot be seized by CRIU.
export const WATCH_CRIU = String.raw`
use strict; $| = 1;
my ($namespace, @argv) = @ARGV;
my $own = readlink($namespace) or die "$namespace: $!\n";
grep { -x "$_/$argv[0]" } split /:/, $ENV{PATH} or die "$argv[0] is not installed\n";
sub slurp { open(my $f, "<", $_[0]) or return ""; local $/; my $t = <$f>; defined $t ? $t : "" }
my (%seen, %looking, $over);
$SIG{INT} = $SIG{TERM} = sub { $over = 1 };
print "ready\n";
until ($over) {
  opendir(my $proc, "/proc") or die; my @pids = grep { /^\d+$/ && !$seen{$_} } readdir $proc; closedir $proc;
  for my $pid (@pids) {
    next unless slurp("/proc/$pid/comm") eq "criu\n" && (readlink("/proc/$pid/ns/pid") // "") eq $own;
    $seen{$pid} = 1;
    my ($parent) = slurp("/proc/$pid/stat") =~ /^.*\) \S (\d+)/ or next;
    next if slurp("/proc/$parent/comm") eq "criu\n";
    my $child = fork; next unless defined $child;
    if (!$child) { open(STDERR, ">", "/dev/null"); exec { $argv[0] } @argv, $pid; exit 127 }
    $looking{$child} = 1;
  }
  select(undef, undef, undef, 0.002);
}
kill "INT", keys %looking;
waitpid($_, 0) for keys %looking;
`;
