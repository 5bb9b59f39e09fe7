/**
 * The counter: a small HTTP server in Perl whose state lives in memory. Each answer names the host, and below it
 * `count N since T`: how many requests it has answered, this one included, and when it was started. So each answer
 * proves that the memory moved. Beside it, on request, memory that is kept changing, processes and open files.
 */
import { isDeepStrictEqual } from 'node:util';
import type { GeneratedBundle, RootFile } from '../model.ts';

/** Sizes of what the server holds. */
export interface CounterSizes {
  memoryMiB: number;
  dirtyMiBPerSecond: number;
  processes: number;
  files: number;
}

/** What a bundle with a counter has besides its root. */
export interface CounterParts {
  args: string[];
  tmpfs: string[];
  hostFiles: RootFile[];
  bind: { source: string; destination: string; readOnly: boolean };
}

/** Below /dev, which is a tmpfs of the container: a mount point can be made there whatever the root is. */
const INSIDE = '/dev/thaw-counter';

/** `bundle`: its name; what it has on each host is named after it. */
export function counterParts(sizes: CounterSizes, bundle: string, port: number): CounterParts {
  const { memoryMiB, dirtyMiBPerSecond, processes, files } = sizes;
  const source = `/tmp/${bundle}-counter`;
  const numbers = [port, memoryMiB, dirtyMiBPerSecond, processes, files].map(String);
  return {
    args: ['/usr/bin/perl', '-e', PERL, '--', `${INSIDE}/host`, ...numbers],
    tmpfs: files > 0 ? ['/tmp'] : [],
    hostFiles: [{ path: `${source}/host`, content: '{host}\n' }],
    bind: { source, destination: INSIDE, readOnly: true },
  };
}

/** The sizes of the counter that a bundle has, and the bundle without it; null where it has none. */
export function counterIn(
  bundle: GeneratedBundle,
  port: number,
): { sizes: CounterSizes; bundle: GeneratedBundle } | null {
  const args = bundle.args.debian;
  const [memoryMiB = 0, dirtyMiBPerSecond = 0, processes = 0, files = 0] = args.slice(-4).map(Number);
  const sizes = { memoryMiB, dirtyMiBPerSecond, processes, files };
  const parts = counterParts(sizes, bundle.name, port);
  if (!isDeepStrictEqual(args, parts.args)) return null;
  const hostFiles = bundle.hostFiles.filter(({ path }) => path !== parts.hostFiles[0]?.path);
  const binds = bundle.binds.filter(({ destination }) => destination !== INSIDE);
  return { sizes, bundle: { ...bundle, hostFiles, binds } };
}

// No more than perl-base has. Memory is changed by a process of its own, so that answers do not wait for it.
const PERL = `
use strict;
use Socket;
use Fcntl;
my ($name, $port, $memory, $dirty, $processes, $files) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my ($count, $since) = (0, time . '-' . int rand 1e9);

sub beside {
  my ($work) = @_;
  my $pid = fork;
  defined $pid or die "fork: $!\\n";
  return if $pid;
  $work->();
  exit 0;
}
sub ballast {
  my ($bytes, $page, $step, $held) = ($memory * 1048576, 4096, 0, '');
  my $chunk = 'thaw' x 262144;
  $held .= $chunk for 1 .. $memory;
  my $pages = $dirty * 1048576 / $page / 100;
  my ($due, $at) = (0, 0);
  while (1) {
    select undef, undef, undef, $dirty ? 0.01 : 3600;
    for ($due += $pages; $due >= 1; $due--) {
      substr($held, $at, 1) = chr(33 + $step++ % 90);
      $at = ($at + $page) % $bytes;
    }
  }
}
my @held;
for my $i (1 .. $files) {
  open(my $file, '>', "/tmp/thaw-file-$i") or die "/tmp/thaw-file-$i: $!\\n";
  push @held, $file;
}
beside(sub { sleep 3600 while 1 }) for 1 .. $processes;
beside(\\&ballast) if $memory;

sub answer {
  my ($close) = @_;
  my $host = '';
  if (open(my $file, '<', $name)) { $host = <$file>; chomp $host }
  $count++;
  my $body = "$host\\ncount $count since $since\\n";
  return join "\\r\\n", 'HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Content-Length: ' . length $body,
    'Connection: ' . ($close ? 'close' : 'keep-alive'), '', $body;
}
socket(my $listen, PF_INET, SOCK_STREAM, 0) or die "socket: $!\\n";
setsockopt($listen, SOL_SOCKET, SO_REUSEADDR, 1);
bind($listen, pack_sockaddr_in($port, INADDR_ANY)) or die "port $port: $!\\n";
listen($listen, 511) or die "listen: $!\\n";
fcntl($listen, F_SETFL, O_NONBLOCK);
my ($watched, %peer, %heard) = ('');
vec($watched, fileno $listen, 1) = 1;
while (1) {
  my $ready = $watched;
  next if select($ready, undef, undef, undef) < 1;
  while (accept(my $peer, $listen)) {
    my $n = fileno $peer;
    ($peer{$n}, $heard{$n}, vec($watched, $n, 1)) = ($peer, '', 1);
  }
  for my $n (grep { vec $ready, $_, 1 } keys %peer) {
    my $over = !sysread $peer{$n}, $heard{$n}, 65536, length $heard{$n};
    while ($heard{$n} =~ s/^(.*?)\\r\\n\\r\\n//s) {
      my $close = $1 =~ /^connection:\\s*close/im;
      syswrite $peer{$n}, answer($close);
      $over ||= $close;
    }
    next unless $over || length $heard{$n} > 65536;
    vec($watched, $n, 1) = 0;
    close $peer{$n};
    delete $peer{$n};
    delete $heard{$n};
  }
}
`.trim();
