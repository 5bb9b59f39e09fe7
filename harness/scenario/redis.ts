/**
 * redis with data and a write load, and a small HTTP server in Perl before it. Each answer names the host, and below
 * it what redis says: `count N since ID` (an INCR for each request, and the ID that this redis gave itself when it was
 * started), and `writes W lost L checked C on HOST`: how many writes were acknowledged, and how many of them a reading
 * back of all data did not find, which is done anew on each host that it gets to.
 */
import { PERL_SERVER, type ServerParts, serverParts, WORDS_BEFORE } from './perl-server.ts';

export interface RedisSizes {
  dataMiB: number;
  writesPerSecond: number;
  /** Options of redis-server, word by word. */
  options: string[];
}

export function redisParts(sizes: RedisSizes, bundle: string, port: number): ServerParts {
  const words = [port, sizes.dataMiB, sizes.writesPerSecond, ...sizes.options];
  return { ...serverParts('redis', bundle, PERL, words), tmpfs: ['/tmp'] };
}

/** The sizes that a command line of `redisParts` tells. */
export function redisSizes(args: readonly string[]): RedisSizes {
  const [, dataMiB, writesPerSecond, ...options] = args.slice(WORDS_BEFORE);
  return { dataMiB: Number(dataMiB), writesPerSecond: Number(writesPerSecond), options };
}

// Write s goes to key s modulo their number, so W alone tells what each key must hold. A value fills a page as
// redis allocates it, and no two in a row are alike. What is not acknowledged ends its process: nothing is passed over.
const PERL = `
use strict;
my ($name, $port, $data, $writes, @options) = @ARGV;
my $keys = $data * 256;
my $at = '/tmp/thaw-redis.sock';
${PERL_SERVER}
my $redis;
sub dial {
  for (1 .. 1000) {
    socket($redis, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!\\n";
    return if connect $redis, pack_sockaddr_un $at;
    select undef, undef, undef, 0.01;
  }
  die "redis does not listen: $!\\n";
}
sub put {
  my $bytes = join '', map { ('*' . @$_ . "\\r\\n", map { '$' . length($_) . "\\r\\n$_\\r\\n" } @$_) } @_;
  for (my $done = 0; $done < length $bytes;) {
    $done += syswrite($redis, $bytes, length($bytes) - $done, $done) // die "redis: $!\\n";
  }
}
sub reply {
  my $line = <$redis> // die "redis is gone\\n";
  $line =~ s/^(.)(.*)\\r\\n/$2/s;
  die "redis: $line\\n" if $1 eq '-';
  return $line if $1 ne '$';
  return if $line < 0;
  read($redis, my $value, $line + 2) == $line + 2 or die "redis is gone\\n";
  return substr $value, 0, $line;
}

my $noise = join '', map { chr int rand 256 } 1 .. 8192;
sub value { sprintf('%016d', $_[0]) . substr $noise, $_[0] % 4096, 4074 }
my ($written, $lost, $checks, $where) = (0, 0, 0, '');
sub store {
  my ($count) = @_;
  while ($count > 0) {
    my $some = $count < 64 ? $count : 64;
    put(map { ['SET', 'page:' . $_ % $keys, value($_)] } $written + 1 .. $written + $some);
    reply() for 1 .. $some;
    $written += $some;
    $count -= $some;
  }
}
sub check {
  ($lost, my $last) = (0, $written);
  for (my $from = $last - $keys + 1; $from <= $last; $from += 64) {
    my $to = $from + 63 < $last ? $from + 63 : $last;
    put(map { ['GET', 'page:' . $_ % $keys] } $from .. $to);
    for ($from .. $to) { $lost++ if (reply() // '') ne value($_) }
  }
  $checks++;
}
sub writer {
  my ($tell) = @_;
  my ($due, $last) = (0, 0);
  dial();
  store($keys);
  while (1) {
    my $host = host();
    if ($host ne $where || time - $last >= 10) { check(); ($where, $last) = ($host, time) }
    syswrite $tell, "$written $lost $checks $where\\n";
    select undef, undef, undef, 0.01;
    $due += $writes / 100;
    store(int $due);
    $due -= int $due;
  }
}

beside(sub {
  open STDOUT, '>', '/dev/null';
  exec 'redis-server', '--port', 0, '--unixsocket', $at, '--save', '', '--dir', '/tmp', @options;
  die "redis-server: $!\\n";
});
pipe(my $told, my $tell) or die "pipe: $!\\n";
fcntl($tell, F_SETFL, O_NONBLOCK);
beside(sub { close $told; writer($tell) });
close $tell;
# Nothing is answered before all data is there.
my ($heard, $says) = ('', '');
hear();
fcntl($told, F_SETFL, O_NONBLOCK);
sub hear {
  while (my $read = sysread $told, $heard, 65536, length $heard) { last if $heard =~ /\\n/ && !$says }
  ($says, $heard) = ($1, $2) if $heard =~ /(?:^|\\n)([^\\n]*)\\n([^\\n]*)\\z/;
}
dial();
sub state {
  put(['INCR', 'requests'], ['INFO', 'server']);
  my $count = reply();
  my ($since) = reply() =~ /^run_id:(\\w+)/m;
  hear();
  my ($done, $gone, $times, $on) = split / /, $says;
  return "count $count since $since\\nwrites $done lost $gone checked $times on $on\\n";
}
serve($port);
`.trim();
