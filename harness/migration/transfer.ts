/**
 * Images that go over the network, from a file system of the source's own to one of the destination's: a tar stream by
 * TCP. Both ends wait before the freeze, the source's for its line, the destination's for the connection.
 */
import { type Armed, type ArmedStep, arm } from '../host/armed.ts';
import { lastWords } from '../host/host.ts';
import { addressOf } from './address.ts';
import { imageDirectory } from './images.ts';
import type { Migration, Moved } from './migrate.ts';
import { type Addition, ARM_LIMIT_MS, NOTHING } from './stop-and-copy.ts';

/** The destination listens there while a migration goes on. */
const PORT = 17_028;

// Perl is what Debian always has, and what RHEL installs for its own tools. The destination answers with a byte when all
// is on its file system; without it nothing has arrived.
const RECEIVE = `
use strict; use Socket;
my ($address, $port, $directory) = @ARGV;
socket(my $listener, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
bind($listener, sockaddr_in($port, inet_aton($address))) or die "bind to port $port: $!";
listen($listener, 1) or die "listen: $!";
accept(my $peer, $listener) or die "accept: $!";
open(my $tar, "|-", "tar", "-x", "-C", $directory) or die "tar: $!";
binmode $tar;
while (my $n = sysread($peer, my $chunk, 1 << 20)) {
  for (my $at = 0; $at < $n; ) { $at += syswrite($tar, $chunk, $n - $at, $at) // die "tar: $!" }
}
close($tar) or die "tar ended with " . ($? >> 8);
syswrite($peer, "!") or die "answer: $!";
`;

const SEND = `
use strict; use Socket;
my ($address, $port, $directory) = @ARGV;
defined(<STDIN>) or exit 0;
my ($peer, $connected);
for (1 .. 100) {
  socket($peer, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
  $connected = connect($peer, sockaddr_in($port, inet_aton($address))) and last;
  select(undef, undef, undef, 0.02);
}
$connected or die "connect to $address port $port: $!";
my $pid = fork // die "fork: $!";
if ($pid == 0) { open(STDOUT, ">&", $peer) or die; exec "tar", "-c", "-C", $directory, "."; }
waitpid($pid, 0);
$? == 0 or die "tar ended with " . ($? >> 8);
shutdown($peer, 1);
sysread($peer, my $answer, 1) or die "the destination did not confirm";
`;

/** Carries out `move` with a receiver on the destination that listens when the freeze begins. */
export async function withTransfer(
  migration: Migration,
  move: (added: Addition) => Promise<Moved>,
): Promise<Moved> {
  const { destination, container, scenario, clock } = migration;
  const place = [await addressOf(destination, scenario.service), String(PORT), imageDirectory(migration)];
  const receive: ArmedStep = { name: 'receive', argv: ['perl', '-e', RECEIVE, ...place] };
  const send: ArmedStep = { name: 'transfer', argv: ['perl', '-e', SEND, ...place], input: 'go' };
  const receivers: Armed[] = [];
  try {
    const moved = await move({
      ...NOTHING,
      afterCheckpoint: [send],
      async beforeFreeze() {
        const receiver = await arm(destination.host, container.bundle, [receive], {
          clock,
          hostClock: destination.clock,
          armLimitMs: ARM_LIMIT_MS,
          limitMs: scenario.migration.timeoutMs,
        });
        receiver.done.catch(() => {});
        receivers.push(receiver);
        receiver.fire();
      },
    });
    return withWordsOf(receivers, moved);
  } finally {
    for (const receiver of receivers) receiver.disarm();
  }
}

/** Where a transfer failed, what the destination said of it: that its disk is full, for one. */
function withWordsOf(receivers: readonly Armed[], moved: Moved): Moved {
  const said = receivers.map((receiver) => lastWords(receiver.output())).join('');
  if (moved.failed?.phase !== 'transfer' || said === '') return moved;
  return { ...moved, failed: { ...moved.failed, error: `${moved.failed.error}\n  ${said}` } };
}
