/**
 * A small HTTP server in Perl, with no more than perl-base has: what the bundles with a `counter` or with `redis` are
 * made of. Each answer names the host in its first line, and below it whatever `state()` of the program tells.
 */
import type { RootFile } from '../model.ts';

/** What such a bundle has besides its root. */
export interface ServerParts {
  args: string[];
  tmpfs: string[];
  hostFiles: RootFile[];
  bind: { source: string; destination: string; readOnly: boolean };
}

/** `bundle`: its name; what it has on each host is named after it. `what`: `counter`, `redis`. */
export function serverParts(
  what: string,
  bundle: string,
  program: string,
  words: readonly (string | number)[],
): Omit<ServerParts, 'tmpfs'> {
  const source = `/tmp/${bundle}-${what}`;
  // Below /dev, which is a tmpfs of the container: a mount point can be made there whatever the root is.
  const inside = `/dev/thaw-${what}`;
  return {
    args: ['/usr/bin/perl', '-e', program, '--', `${inside}/host`, ...words.map(String)],
    hostFiles: [{ path: `${source}/host`, content: '{host}\n' }],
    bind: { source, destination: inside, readOnly: true },
  };
}

/** Words of the command line before those of the program itself: perl, -e, the program, --, the file of the host. */
export const WORDS_BEFORE = 5;

/** Needs `my $name`, the file that names the host; gives `beside`, `host` and `serve`, which does not return. */
export const PERL_SERVER = `
use Socket;
use Fcntl;
$SIG{PIPE} = 'IGNORE';

sub beside {
  my ($work) = @_;
  my $pid = fork;
  defined $pid or die "fork: $!\\n";
  return if $pid;
  $work->();
  exit 0;
}
sub host {
  my $host = '';
  if (open(my $file, '<', $name)) { $host = <$file> // ''; chomp $host }
  return $host;
}
sub answer {
  my ($close) = @_;
  my $body = host() . "\\n" . state();
  return join "\\r\\n", 'HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Content-Length: ' . length $body,
    'Connection: ' . ($close ? 'close' : 'keep-alive'), '', $body;
}
sub serve {
  my ($port) = @_;
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
}
`;
