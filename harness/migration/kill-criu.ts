/** Kills the CRIU that works on a container: by its PID, as soon as it is there. */

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CommandError, type Host } from '../host/host.ts';
import type { ContainerName } from '../runtime/commands.ts';
import type { Fault } from './faults.ts';

// It is there before it is wanted, for it begins at once. CRIU is a child of the runtime, whose words name the container,
// or names it itself; what it forks to restore tasks has another CRIU as its parent.
const KILL = String.raw`
use strict; $| = 1;
my ($id, $looks) = @ARGV;
sub slurp { open(my $f, "<", $_[0]) or return ""; local $/; my $t = <$f>; defined $t ? $t : "" }
sub words { map { " $_ " } join " ", split /\0/, slurp("/proc/$_[0]/cmdline") }
print "ready\n";
my $go = <STDIN>; exit 0 unless defined $go && $go eq "go\n";
for (1 .. $looks) {
  opendir(my $proc, "/proc") or die; my @pids = grep { /^\d+$/ } readdir $proc; closedir $proc;
  for my $pid (@pids) {
    next unless slurp("/proc/$pid/comm") eq "criu\n";
    my ($parent) = slurp("/proc/$pid/stat") =~ /^.*\) \S (\d+)/ or next;
    next if slurp("/proc/$parent/comm") eq "criu\n";
    my ($own, $above) = (words($pid), words($parent));
    next unless ($own // "") =~ m{[ /]\Q$id\E[ /]} || ($above // "") =~ m{ \Q$id\E };
    if (kill("KILL", $pid)) { print "killed $pid\n"; exit 0 }
  }
  select(undef, undef, undef, 0.001);
}
print "none\n";
`;

/** For how long it is looked for; each look takes a few milliseconds. */
const LOOKS = 100;
const LIMIT_MS = 10_000;

/** Where the host has no Perl it cannot be done. */
export async function killerOfCriu(
  host: Host,
  container: ContainerName,
): Promise<Fault | { unable: string }> {
  const argv = ['perl', '-e', KILL, container.id, String(LOOKS)];
  const child = host.spawn(argv, {});
  const lines = createInterface({ input: child.stdout });
  const next = async (): Promise<string> => {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const ended = child.exited.then(() => ['']);
    const [line] = await Promise.race([once(lines, 'line', { signal: limit }), ended]).catch(() => ['']);
    return String(line);
  };
  if ((await next()) !== 'ready') {
    child.kill('SIGKILL');
    return { unable: `${host.name} has no Perl` };
  }
  return {
    async begin() {
      const answer = next();
      child.stdin.write('go\n');
      const [word = '', pid = ''] = (await answer).split(' ');
      if (word === 'killed') return `CRIU was killed (PID ${pid})`;
      if (word === 'none') return null;
      throw new CommandError(host.name, argv, null, LIMIT_MS);
    },
    undo: async () => child.kill('SIGKILL'),
  };
}
