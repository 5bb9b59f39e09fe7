/**
 * Looks at a host with a kernel of its own: a small Perl program there does the looking, stamps it by the host's
 * clock, and tells what has changed. Perl is what Debian always has and what RHEL installs for runc's and CRIU's own
 * tools; without it nothing is seen, and the frozen window is as wide as the commands leave it.
 */
import { createInterface } from 'node:readline';
import type { Host } from '../../host/host.ts';
import type { HostClock } from '../../host/host-clock.ts';
import type { Readings } from '../../model.ts';
import { collector } from '../readings.ts';
import type { Observer } from '../testbed.ts';

// It must not slow what it watches: what it saw is told at the end, since a line through SSH costs more than a look; and
// it takes at most a twentieth of a processor, for under emulation a look lasts a millisecond and not some microseconds.
const LOOK = String.raw`
use strict; use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
$| = 1; my ($log, $freezer) = @ARGV; my ($size, $frozen) = (-1, "");
sub now { return int(clock_gettime(CLOCK_MONOTONIC) * 1e9) }
sub text { open(my $f, "<", $_[0]) or return ""; my $t = ""; sysread($f, $t, 256); close($f); return $t }
my $v1 = $freezer ne "" && -e "$freezer/freezer.state";
sub frozen {
  if ($v1) { my $s = text("$freezer/freezer.state"); return $s eq "FROZEN\n" ? 1 : $s eq "THAWED\n" ? 0 : "" }
  return 1 if text("$freezer/cgroup.events") =~ /^frozen 1$/m;
  return text("$freezer/cgroup.freeze") eq "0\n" ? 0 : "";
}
print "watching\n";
my $stop = 0; my $last = ""; my @seen;
my $in = ""; vec($in, 0, 1) = 1;
while (1) {
  my $begun = now();
  if ($freezer ne "") {
    my $f = frozen(); my $after = now();
    if ($f ne "") {
      my $line = "freezer $begun $after $f\n";
      if ($f ne $frozen) { push @seen, $last, $line; $last = ""; $frozen = $f } else { $last = $line }
    }
  }
  my $before = now(); my $s = -s $log; my $after = now();
  if (defined $s && $s != $size) { push @seen, "log $before $after $s\n"; $size = $s }
  last if $stop;
  my $pause = 20 * ($after - $begun) / 1e9;
  my $ready = $in; $stop = 1 if select($ready, undef, undef, $pause > 0.002 ? $pause : 0.002);
}
print @seen, "over\n";`;

const START_LIMIT_MS = 30_000;
const END_LIMIT_MS = 30_000;

/** A reading as the host told it. */
interface Told {
  kind: 'log' | 'freezer';
  beforeNs: bigint;
  afterNs: bigint;
  value: number;
}

export function remoteObserver(host: Host, clock: HostClock): Observer {
  return {
    async watch({ log, freezer }) {
      const told: Told[] = [];
      const child = host.spawn(['perl', '-e', LOOK, log, freezer ?? ''], {});
      child.stderr.resume();
      const begun = new Promise<void>((resolve) => {
        createInterface({ input: child.stdout })
          .on('line', (line) => {
            if (line === 'watching') resolve();
            const reading = readingIn(line);
            if (reading !== null) told.push(reading);
          })
          .on('close', resolve);
      });
      await within(begun, START_LIMIT_MS);
      return {
        async stop() {
          child.stdin.end('\n');
          await within(child.exited, END_LIMIT_MS);
          child.kill('SIGKILL');
          return () => onCommonClock(told, clock);
        },
      };
    },
  };
}

function readingIn(line: string): Told | null {
  const found = /^(log|freezer) (\d+) (\d+) (\d+)$/.exec(line);
  if (found === null) return null;
  const [, kind, before, after, value] = found as unknown as [string, Told['kind'], string, string, string];
  return { kind, beforeNs: BigInt(before), afterNs: BigInt(after), value: Number(value) };
}

function onCommonClock(told: readonly Told[], clock: HostClock): Readings {
  const seen = collector();
  for (const { kind, beforeNs, afterNs, value } of told) {
    const beforeMs = clock.toCommon(beforeNs)?.earliest;
    const afterMs = clock.toCommon(afterNs)?.latest;
    // Without a reading of that host's clock there is no instant.
    if (beforeMs === undefined || afterMs === undefined) continue;
    if (kind === 'log') seen.size({ beforeMs, afterMs, bytes: value });
    else seen.freezer({ beforeMs, afterMs, frozen: value === 1 });
  }
  return seen.readings();
}

async function within(event: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([event, limit]).finally(() => clearTimeout(timer));
}
