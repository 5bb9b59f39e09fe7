/**
 * Images that go over the network, from a file system of the source's own to one of the destination's: a tar stream by
 * TCP. Both ends wait before the freeze, the source's for its line, the destination's for the connection. With a page
 * server the pages are at the destination when the dump has ended, and the stream holds what is left.
 */
import { type Armed, type ArmedStep, arm } from '../host/armed.ts';
import { CommandError, lastWords } from '../host/host.ts';
import { IMAGES_PORT, PAGES_PORT, pageServerArgv, toPageServerFlags } from '../runtime/commands.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { addressOf } from './address.ts';
import { imageDirectory } from './images.ts';
import type { Migration, Moved } from './migrate.ts';
import { type Addition, ARM_LIMIT_MS, NOTHING } from './stop-and-copy.ts';

// Perl is what Debian always has, and what RHEL installs for its own tools. The destination answers with a byte when all
// is on its file system; without it nothing has arrived.
//
// The words after the directory are a server that begins here, says on descriptor 6 that it is ready, and must have ended
// before anything is confirmed; without any, this is ready when it listens.
const RECEIVE = `
use strict; use Socket;
my ($address, $port, $directory, @server) = @ARGV;
socket(my $listener, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
bind($listener, sockaddr_in($port, inet_aton($address))) or die "bind to port $port: $!";
listen($listener, 1) or die "listen: $!";
my $pid;
if (@server) {
  $pid = fork // die "fork: $!";
  if ($pid == 0) { close $listener; exec { $server[0] } @server or die "$server[0]: $!" }
}
# Not before: what Perl has opened is closed to what it starts.
open(my $ready, ">&=", 6) or die "descriptor 6: $!";
syswrite($ready, "\\0") unless @server;
close $ready;
accept(my $peer, $listener) or die "accept: $!";
open(my $tar, "|-", "tar", "-x", "-C", $directory) or die "tar: $!";
binmode $tar;
while (my $n = sysread($peer, my $chunk, 1 << 20)) {
  for (my $at = 0; $at < $n; ) { $at += syswrite($tar, $chunk, $n - $at, $at) // die "tar: $!" }
}
close($tar) or die "tar ended with " . ($? >> 8);
if ($pid) { waitpid($pid, 0); $? == 0 or die "$server[0] ended with " . ($? >> 8) }
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
  const { destination, scenario } = migration;
  const address = await addressOf(destination, scenario.service);
  const place = [address, String(IMAGES_PORT), imageDirectory(migration)];
  const pages = { address, port: PAGES_PORT };
  const serves = scenario.migration.transfer === 'page-server';
  const server = serves ? pageServerArgv(pages, imageDirectory(migration)) : [];
  const receivers: Armed[] = [];
  try {
    const moved = await move({
      ...NOTHING,
      checkpointFlags: serves ? toPageServerFlags(pages) : [],
      afterCheckpoint: [{ name: 'transfer', argv: ['perl', '-e', SEND, ...place], input: 'go' }],
      beforeFreeze: () => receive(migration, destination, [...place, ...server], receivers),
    });
    return withWordsOf(receivers, moved);
  } finally {
    for (const receiver of receivers) receiver.disarm();
  }
}

/** Resolves when it listens; CommandError where it does not, with what it said. */
async function receive(
  { container, scenario, clock }: Migration,
  to: TestbedHost,
  words: readonly string[],
  receivers: Armed[],
): Promise<void> {
  const argv = ['perl', '-e', RECEIVE, ...words];
  const step: ArmedStep = { name: 'receive', argv, servesAs: 'page-server' };
  const limitMs = scenario.migration.timeoutMs;
  const limits = { clock, hostClock: to.clock, armLimitMs: ARM_LIMIT_MS, limitMs };
  const receiver = await arm(to.host, container.bundle, [step], limits);
  receivers.push(receiver);
  receiver.fire();
  if (await receiver.done) return;
  const status = receiver.spans()['page-server']?.status ?? -1;
  const said = { status, stdout: '', stderr: lastWords(receiver.output()) };
  throw new CommandError(to.host.name, ['perl', '-e', '…', ...words], said, 0);
}

/**
 * Brings what a page server has taken back to the source, whose own images are without pages; nothing where the source
 * has them all.
 */
export async function fetchBack(migration: Migration): Promise<void> {
  const { source, destination, scenario } = migration;
  if (scenario.migration.transfer !== 'page-server') return;
  const place = [await addressOf(source, scenario.service), String(IMAGES_PORT), imageDirectory(migration)];
  const receivers: Armed[] = [];
  try {
    await receive(migration, source, place, receivers);
    const { timeoutMs } = scenario.migration;
    await destination.host.exec(['perl', '-e', SEND, ...place], { timeoutMs, input: 'go\n' });
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
