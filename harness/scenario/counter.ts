/**
 * The counter: a small HTTP server in Perl whose state lives in memory. Each answer names the host, and below it
 * `count N since T`: how many requests it has answered, this one included, and when it was started. So each answer
 * proves that the memory moved. Beside it, on request, memory that is kept changing, processes and open files.
 */
import { PERL_SERVER, type ServerParts, serverParts, WORDS_BEFORE } from './perl-server.ts';

/** Sizes of what the server holds. */
export interface CounterSizes {
  memoryMiB: number;
  dirtyMiBPerSecond: number;
  processes: number;
  files: number;
}

export function counterParts(sizes: CounterSizes, bundle: string, port: number): ServerParts {
  const { memoryMiB, dirtyMiBPerSecond, processes, files } = sizes;
  const numbers = [port, memoryMiB, dirtyMiBPerSecond, processes, files];
  return { ...serverParts('counter', bundle, PERL, numbers), tmpfs: files > 0 ? ['/tmp'] : [] };
}

/** The sizes that a command line of `counterParts` tells. */
export function counterSizes(args: readonly string[]): CounterSizes {
  const [, memoryMiB = 0, dirtyMiBPerSecond = 0, processes = 0, files = 0] = args
    .slice(WORDS_BEFORE)
    .map(Number);
  return { memoryMiB, dirtyMiBPerSecond, processes, files };
}

// Memory is changed by a process of its own, so that answers do not wait for it.
const PERL = `
use strict;
my ($name, $port, $memory, $dirty, $processes, $files) = @ARGV;
my ($count, $since) = (0, time . '-' . int rand 1e9);
${PERL_SERVER}
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
# As small as a process can be: a thousand of Perl's would be 3 GB of images.
beside(sub { exec 'sleep', 2147483647; die "sleep: $!\n" }) for 1 .. $processes;
beside(\\&ballast) if $memory;

sub state {
  $count++;
  return "count $count since $since\\n";
}
serve($port);
`.trim();
