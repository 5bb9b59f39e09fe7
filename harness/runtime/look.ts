/**
 * What migrations may leave on a host, one line each: packet filter rules, addresses, settings, mounts, cgroups, state of
 * runtimes, processes, deleted files that are held open, files on the share, and the room that is left.
 */
import type { Host } from '../host/host.ts';
import type { Service } from '../model.ts';
import { type ContainerName, stateDirectory } from './commands.ts';

// In one process, and what other programs tell is read while they run: the whole of it takes some tens of milliseconds.
// iptables makes its tables where they are missing; their rules are told one by one.
// A line that begins with `own` is of the container itself, as it is while it runs there.
const LOOK = String.raw`
use strict;
my ($id, $state, $bundle, $address) = @ARGV;
my %line;
sub slurp { open(my $f, "<", $_[0]) or return ""; local $/; my $t = <$f>; close $f; defined $t ? $t : "" }
sub plain { my $t = shift; $t =~ s/[^\x20-\x7e]/?/g; substr $t, 0, 300 }
sub note { my ($own, $what) = @_; $line{($own ? "own " : "") . plain($what)} = 1 }
sub names { opendir(my $d, $_[0]) or return (); my @n = grep { !/^\.\.?$/ } readdir $d; closedir $d; @n }
my @asked = (["iptables-save"], ["nft", "list", "tables"], ["ip", "-o", "address"],
  ["df", "-P", "-k", "/runc", "/run", "/tmp"]);
my @told;
for my $argv (@asked) {
  my $pid = open(my $out, "-|");
  if (!defined $pid) { push @told, undef; next }
  if (!$pid) { open(STDERR, ">", "/dev/null"); exec { $argv->[0] } @$argv; exit 127 }
  push @told, $out;
}
for my $mount (split /\n/, slurp("/proc/self/mountinfo")) {
  my ($at, $type) = $mount =~ /^\d+ \d+ \S+ \S+ (\S+) .* - (\S+) / or next;
  note(!!($at =~ m{^\Q$state\E/}), "mount $at ($type)");
  next unless $type =~ /^cgroup2?$/;
  my @deep = ($at);
  for my $depth (1 .. 4) { @deep = grep { -d $_ && !-l $_ } map { my $d = $_; map { "$d/$_" } names($d) } @deep;
    for (@deep) { note(1, "cgroup $_") if m{/[^/]*\Q$id\E[^/]*$} } }
}
note($_ eq $id, "state $_ of the runtime") for names($state =~ s{/[^/]*$}{}r);
for my $pid (grep { /^\d+$/ } names("/proc")) {
  my $inside = slurp("/proc/$pid/cgroup") =~ m{/[^/\n]*\Q$id\E};
  chomp(my $name = slurp("/proc/$pid/comm")); next if $name eq "";
  my $words = join " ", split /\0/, slurp("/proc/$pid/cmdline");
  if ($inside) { note(1, "process $pid: $name $words") }
  elsif ($name =~ /^(criu|runc|crun|socat)/) { note(0, "process $pid: $words") }
  next if $inside;
  for my $fd (names("/proc/$pid/fd")) {
    my $to = readlink("/proc/$pid/fd/$fd"); next unless defined $to && $to =~ m{^/(runc|run|tmp|dev/shm)/.* \(deleted\)$};
    note(0, "deleted file held by $name ($pid): $to");
  }
}
for my $directory (map { "/proc/sys/$_" } "net/core", "net/ipv4", "net/ipv4/conf/all", "net/ipv4/conf/default", "kernel", "vm") {
  for (names($directory)) {
    next if /^(ns_last_pid|random|perf_|sched_|tainted|threads-max|flush|drop_caches|compact_memory|stat_refresh|route|hostname|domainname|usermodehelper|keys)/;
    my $path = "$directory/$_"; next unless -f $path && -r _;
    my $value = slurp($path); $value =~ s/\s+/ /g; note(0, "setting $path = $value");
  }
}
for my $top ("/tmp", "/run") { note(0, "file $top/$_") for grep { /criu/ && !/^thaw-/ } names($top) }
for my $top ("/runc/images/$id", "/run/thaw-images/$id", $bundle) { note(0, "file $top/$_") for names($top) }
for my $out (@told) { next unless defined $out; my @lines = <$out>; close $out;
  for (@lines) { chomp;
    if (/^-A /) { note(0, "rule $_") } elsif (/^table (.*)/) { note(0, "table $1") unless $1 =~ /^ip6? (filter|nat|mangle|raw|security)$/ }
    elsif (/^\S+ +\d+ +\d+ +(\d+) +\S+ (\/.*)$/) { note(0, "room $2 $1") }
    elsif (/^\d+: (\S+)\s+(inet6? \S+)/) { my ($on, $what) = ($1, $2); note(!!($what =~ m{^inet \Q$address\E/}), "address $what on $on") unless $what =~ /^inet6 fe80/ } } }
print "$_\n" for sort keys %line;
`;

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

export interface LookRequest {
  container: ContainerName;
  /** Directory of the bundle, as the host sees it. */
  bundle: string;
  service: Pick<Service, 'address'>;
}

export interface Looked {
  /** Of the container itself. */
  own: string[];
  others: string[];
  /** KiB that are free where migrations write, by mount point. */
  room: ReadonlyMap<string, number>;
}

/** Lines of what is there, those of the container itself in `own`; null where the host has no Perl or does not answer. */
export async function lookAt(
  host: Host,
  { container, bundle, service }: LookRequest,
): Promise<Looked | null> {
  const argv = ['perl', '-e', LOOK, container.id, stateDirectory(container), bundle, service.address];
  const { status, stdout } = await host.exec(argv, LIMIT);
  if (status !== 0) return null;
  const all = stdout.split('\n').filter(Boolean);
  const lines = all.filter((line) => !line.startsWith('room '));
  return {
    own: lines.filter((line) => line.startsWith('own ')).map((line) => line.slice('own '.length)),
    others: lines.filter((line) => !line.startsWith('own ')),
    room: new Map(
      all.flatMap((line) => {
        const [, path, free] = /^room (.*) (\d+)$/.exec(line) ?? [];
        return path === undefined ? [] : [[path, Number(free)] as const];
      }),
    ),
  };
}
