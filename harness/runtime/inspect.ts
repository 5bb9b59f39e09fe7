/**
 * What a container has, as /proc of its host shows it: processes, open files, mounts and mapped files, one line each.
 * What comes and goes by itself is left out, so that the same container gives the same lines on every host.
 */
import type { Host } from '../host/host.ts';
import { type ContainerName, psArgv } from './commands.ts';

// Perl is what Debian always has and what RHEL installs for runc's and CRIU's own tools; one process reads all of it.
// PIDs are those inside the container. Sockets come with clients and go with them; anonymous memory grows and shrinks;
// the kernel's own pages (vdso, vvar) are the kernel's. What is not there at each of four looks was on its way:
// a server opens a file for an answer, and on a busy machine it keeps it open for as long as it waits for the processor.
const LOOK = String.raw`
use strict;
my $root = shift; my @pids = @ARGV; exit 3 if @pids > 2000;
sub slurp { open(my $f, "<", $_[0]) or return ""; local $/; my $t = <$f>; close $f; defined $t ? $t : "" }
sub plain { my $t = shift; $t =~ s/[\\\n]/?/g; $t }
sub look {
  my (%inside, %seen, %name);
  for my $pid (@pids) {
    my $status = slurp("/proc/$pid/status") or next;
    ($inside{$pid}) = $status =~ /^NSpid:.*\t(\d+)$/m;
    ($name{$pid}) = $status =~ /^Name:\t(.*)$/m;
    my ($parent) = $status =~ /^PPid:\t(\d+)$/m;
    $seen{"parent $pid"} = $parent;
  }
  my %lines;
  for my $pid (keys %inside) {
    my ($in, $parent) = ($inside{$pid}, $inside{$seen{"parent $pid"}} || 0);
    $lines{"process $in, child of $parent: " . plain($name{$pid})} = 1;
    opendir(my $d, "/proc/$pid/fd") or next;
    for my $fd (grep { /^\d+$/ } readdir $d) {
      my $to = readlink("/proc/$pid/fd/$fd"); next unless defined $to; next if $to =~ /^socket:/;
      $to =~ s/^pipe:\[\d+\]$/pipe/; $lines{"descriptor $fd of process $in: " . plain($to)} = 1;
    }
    closedir $d;
    my %mapped;
    for (split /\n/, slurp("/proc/$pid/maps")) {
      my ($from, $to, $mode, $path) = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ +(\/.*)$/ or next;
      $mapped{"$mode $path"} += hex($to) - hex($from);
    }
    $lines{"mapping of process $in: " . plain($_) . ", $mapped{$_} bytes"} = 1 for keys %mapped;
  }
  for (split /\n/, slurp("/proc/$root/mountinfo")) {
    my ($at, $options, $type) = /^\d+ \d+ \S+ \S+ (\S+) (\S+).* - (\S+) / or next;
    $lines{"mount $at: $type $options"} = 1;
  }
  return \%lines;
}
my $lasting = look();
for my $seconds (0.005, 0.025, 0.075) {
  select(undef, undef, undef, $seconds);
  my $now = look(); delete $lasting->{$_} for grep { !$now->{$_} } keys %$lasting;
}
print "$_\n" for sort keys %$lasting;
`;

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** In order; null where it does not run there, or the host has no Perl. CommandError where the host does not answer. */
export async function inspectContainer(host: Host, container: ContainerName): Promise<string[] | null> {
  const tasks = await tasksOf(host, container);
  const [first] = tasks;
  if (first === undefined) return null;
  const words = [first, ...tasks].map(String);
  const { status, stdout } = await host.exec(['perl', '-e', LOOK, ...words], LIMIT);
  return status === 0 ? stdout.split('\n').filter(Boolean) : null;
}

/** PIDs on the host, the container's first process first; empty where it does not run there. */
export async function tasksOf(host: Host, container: ContainerName): Promise<number[]> {
  const { status, stdout } = await host.exec(psArgv(container), LIMIT);
  const tasks = status === 0 ? (JSON.parse(stdout) as number[] | null) : null;
  return (tasks ?? []).toSorted((a, b) => a - b);
}
