/**
 * Armed commands: a shell on the host that has everything ready (process, directory, arguments) and waits for
 * one line. Then it runs its steps and tells, on the host's own monotonic clock, when each began and ended.
 */
import { createInterface } from 'node:readline';
import type { Clock } from '../clock.ts';
import { deferred } from '../deferred.ts';
import type { CommandSpan, Instant, Interval, StepName } from '../model.ts';
import { CommandError, type Host } from './host.ts';
import type { HostClock } from './host-clock.ts';

export interface ArmedStep {
  /** Null: runs in the background, and neither its times nor its status are kept. */
  name: StepName | null;
  argv: readonly string[];
  /** Its input: then the command is started when the shell is armed, and waits for it on standard input. */
  input?: string;
  /**
   * The command goes on: the step is over when it has written a byte to descriptor 6, and the command's own life is
   * told under this name. At most one of the steps.
   */
  servesAs?: StepName;
}

export interface Armed {
  /** Sends the one line. */
  fire(): void;
  /**
   * Resolves when the last step has ended, or the first that failed: whether all went well. Rejects at the limit. A last
   * step in the background is waited for: disarmed, it would not come about.
   */
  done: Promise<boolean>;
  /** Resolves when the shell has ended, with what a step of it served; that is ended where it lives past the limit. */
  over: Promise<unknown>;
  /** The steps so far, by what is known of the host's clock now: more, once it was read after them. */
  spans(): Partial<Record<StepName, CommandSpan>>;
  /** What the commands printed so far. */
  output(): string;
  /** Ends the shell and all it started, fired or not. */
  disarm(): void;
}

// /proc/timer_list shows CLOCK_MONOTONIC in nanoseconds: a shell reads it without starting a process, and the
// clock is that of the host whatever time namespace a container has. Where it cannot be read, `ns` is empty.
// A stamp costs some microseconds; how many is measured once and told first.
//
// Arguments: directory, then for each step KIND NAME INPUT N and N words. A `waiting` step's command has been
// started by then and reads a FIFO (descriptor 7, 8 or 9), since starting one costs a millisecond; one that has ended
// without reading it counts by its status. A `serving` step's
// INPUT is the name that its command's life is told by; CRIU says by a NUL byte that it is ready.
// `@{` stands for the shell's `${`, which a template would read as its own.
// When standard input ends after the one line, nobody is there any more to be told: the connection broke, or the
// controller died. Then the watcher ends the shell and all it started, for a restore that goes on unseen would leave two
// containers once the source has its own again. It is started with the shell, and a word on descriptor 4 sets it going.
const SCRIPT = String.raw`cd -- "$1" || exit 126
tree() { set -- "$1" $(cat /proc/"$1"/task/*/children); kill -KILL "$1"; shift; for child; do [ "$child" = "$self" ] || tree "$child"; done; }
watcher() { read -r self rest </proc/self/stat; read -r go <"$fifos/go" || exit; while read -r word; do :; done; tree "$$"; }
ns=
stamp() { { while read -r a b c d; do if [ "$a $b" = "now at" ]; then ns=$c; return; fi; done </proc/timer_list; } 2>/dev/null; }
begin() { fifo=$1; shift; "$@" <"$fifo" >&2 4>&- 6>&- 7>&- 8>&- 9>&- & }
run() { ( stamp; echo "$1 exec @{ns:--}"; shift; exec "$@" </dev/null >&2 6>&- 7>&- 8>&- 9>&- ); ended "$1" "$?"; }
background() { shift; "$@" </dev/null >&2 6>&- 7>&- 8>&- 9>&- & beside="$beside $!"; }
serving() {
  name=$1; served=$2; shift 2
  stamp; echo "$name exec @{ns:--}"; echo "$served exec @{ns:--}"
  "$@" </dev/null >&2 7>&- 8>&- 9>&- & server=$!
  exec 6>&-
  if wait "$reader"; then ended "$name" 0; else wait "$server"; ended "$name" "$?" || return; ended "$name" 1; fi
}
waiting() {
  stamp; echo "$1 exec @{ns:--}"
  trap : PIPE; eval "printf '%s\n' \"\$4\" >&$2 2>/dev/null; exec $2>&-"; trap - PIPE; wait "$3"; ended "$1" "$?"
}
ended() { ended=$2; stamp; echo "$1 exit @{ns:--} $2"; return "$ended"; }
i=2; steps=; fd=7; server=; beside=; fifos=$(mktemp -d) || exit 126
mkfifo "$fifos/go"; exec 3<&0; watcher <&3 >/dev/null 2>&1 3<&- & watcher=$!
exec 3<&- 4>"$fifos/go"; trap 'kill "$watcher" 2>/dev/null' EXIT
while [ "$i" -le "$#" ]; do
  eval "kind=\@{$i} name=\@{$((i+1))} n=\@{$((i+3))}"; input=$((i+2)); i=$((i+4)); words=
  while [ "$n" -gt 0 ]; do words="$words \"\@{$i}\""; i=$((i+1)); n=$((n-1)); done
  if [ "$kind" = waiting ]; then
    mkfifo "$fifos/$fd"; eval "begin $fifos/$fd $words; exec $fd>$fifos/$fd"
    steps="$steps waiting $name $fd $! \"\@{$input}\" || exit 1;"; fd=$((fd+1))
  elif [ "$kind" = serving ]; then
    mkfifo "$fifos/ready"
    { head -c 1 <"$fifos/ready" | tr '\000' x | { read -r byte; [ -n "$byte" ]; }; } 4>&- 6>&- 7>&- 8>&- 9>&- & reader=$!
    exec 6>"$fifos/ready"
    steps="$steps serving $name \"\@{$input}\" $words || exit 1;"
  else
    steps="$steps $kind $name $words || exit 1;"
  fi
done
rm -r "$fifos"
stamp; first=$ns; stamp; echo "armed @{first:--} @{ns:--}"
read -r go && [ "$go" = go ] || exit 0
echo go >&4; exec 4>&-
eval "$steps"
for pid in $beside; do wait "$pid"; done; [ -z "$beside" ] || echo "beside over"
[ -z "$server" ] || { wait "$server"; ended "$served" "$?"; }`.replaceAll('@{', '${');

export interface ArmOptions {
  clock: Clock;
  hostClock: HostClock;
  armLimitMs: number;
  limitMs: number;
  /** Called when a step begins. */
  onStep?(name: string): void;
}

const LAST_WORDS_MS = 300;

/** Makes the shell ready; rejects with a CommandError where the host does not get that far in time. */
export async function arm(
  host: Host,
  cwd: string,
  steps: readonly ArmedStep[],
  options: ArmOptions,
): Promise<Armed> {
  const words = steps.flatMap((step) => [
    kindOf(step),
    step.name ?? 'background',
    step.input ?? step.servesAs ?? '',
    String(step.argv.length),
    ...step.argv,
  ]);
  const argv = ['/bin/sh', '-c', SCRIPT, 'thaw-armed', cwd, ...words];
  const child = host.spawn(argv, {});
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-16_384);
  });
  const reports = follow(steps, host.name);
  const lines = createInterface({ input: child.stdout });
  const serves = steps.some(({ servesAs }) => servesAs !== undefined);
  let limit: NodeJS.Timeout | undefined;
  const armed = deferred<void>();
  const done = deferred<boolean>();
  const gaveUp = (): CommandError =>
    new CommandError(host.name, steps.at(-1)?.argv ?? argv, { status: 125, stdout: '', stderr: output }, 0);
  // What is killed leaves no status: the shell may live long enough to tell one of its command's.
  const end = (): void => {
    lines.removeListener('line', take);
    child.kill('SIGKILL');
  };
  const take = (line: string): void => {
    const finished = reports.take(line, options.clock.now());
    if (options.onStep !== undefined && / exec /.test(line)) options.onStep(line.split(' ')[0] as string);
    if (finished === 'armed') armed.resolve();
    if (finished === 'done') {
      clearTimeout(limit);
      if (reports.succeeded()) {
        done.resolve(true);
        if (serves) limit = setTimeout(end, options.limitMs);
      }
      // The shell ends now: what the command said may still be on its way.
      else setTimeout(() => done.resolve(false), LAST_WORDS_MS);
    }
  };
  lines.on('line', take);
  child.exited.then(
    () => {
      clearTimeout(limit);
      armed.reject(gaveUp());
      if (reports.failed()) done.resolve(false);
      else done.reject(gaveUp());
    },
    (error) => {
      armed.reject(error);
      done.reject(error);
    },
  );
  const armTimer = setTimeout(
    // Not with the script, which nobody could read: a directory that does not answer is what it waits for.
    () =>
      armed.reject(
        new CommandError(host.name, ['/bin/sh', '-c', '…', 'thaw-armed', cwd], null, options.armLimitMs),
      ),
    options.armLimitMs,
  );
  try {
    await armed.promise;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(armTimer);
  }
  const disarm = (): void => {
    clearTimeout(limit);
    lines.close();
    end();
  };
  return {
    fire() {
      child.stdin.write('go\n');
      limit = setTimeout(() => {
        done.reject(new CommandError(host.name, reports.running()?.argv ?? argv, null, options.limitMs));
        end();
      }, options.limitMs);
    },
    done: done.promise,
    over: child.exited.catch(() => null),
    spans: () => reports.spans(options.hostClock),
    output: () => output,
    disarm,
  };
}

function kindOf({ name, input, servesAs }: ArmedStep): string {
  if (name === null) return 'background';
  if (servesAs !== undefined) return 'serving';
  return input === undefined ? 'run' : 'waiting';
}

interface Follower {
  take(line: string, receivedMs: Instant): 'armed' | 'done' | null;
  succeeded(): boolean;
  failed(): boolean;
  spans(clock: HostClock): Partial<Record<StepName, CommandSpan>>;
  running(): ArmedStep | undefined;
}

/** What the shell told of a step; stamps are of the host's clock, null where it cannot be read. */
interface Told {
  step: ArmedStep & { name: StepName };
  execNs: bigint | null;
  /** When the line before, this step's first and its last were received. */
  beforeMs: Instant;
  execReceivedMs: Instant;
  exit: { ns: bigint | null; receivedMs: Instant; status: number } | null;
}

/** Keeps what the shell says, and turns it into spans. Without a host clock the bounds are the controller's own. */
function follow(steps: readonly ArmedStep[], host: string): Follower {
  const named = steps.filter((step): step is Told['step'] => step.name !== null);
  const served = steps.flatMap(({ servesAs, argv }) =>
    servesAs === undefined ? [] : { name: servesAs, argv },
  );
  const lastIsBeside = steps.at(-1)?.name === null;
  const told: Told[] = [];
  let stampCostMs = 0;
  let lastMs = 0;
  // What was served until long after the steps decides nothing.
  const decides = (step: Told['step'], status: number): boolean =>
    named.includes(step) && (status !== 0 || (step === named.at(-1) && !lastIsBeside));
  const finished = (name: StepName): boolean =>
    told.some(({ step, exit }) => step.name === name && exit !== null);
  return {
    running: () => named.find(({ name }) => !finished(name)) ?? named.at(-1),
    succeeded: () =>
      named.every(({ name }) => finished(name)) &&
      told.every(({ step, exit }) => served.includes(step) || exit?.status === 0),
    failed: () => told.some(({ step, exit }) => !served.includes(step) && exit !== null && exit.status !== 0),
    spans: (clock) =>
      Object.fromEntries(told.map((one) => [one.step.name, spanOf(one, { host, clock, stampCostMs })])),
    take(line, receivedMs) {
      const [name, event, stamp, status] = line.split(' ');
      if (name === 'armed') {
        stampCostMs = costOf(nsOf(event), nsOf(stamp));
        lastMs = receivedMs;
        return 'armed';
      }
      if (name === 'beside') return lastIsBeside ? 'done' : null;
      const step = named.find((one) => one.name === name) ?? served.find((one) => one.name === name);
      if (step === undefined) return null;
      if (event === 'exec') {
        told.push({ step, execNs: nsOf(stamp), beforeMs: lastMs, execReceivedMs: receivedMs, exit: null });
        lastMs = receivedMs;
        return null;
      }
      const one = told.findLast((candidate) => candidate.step === step);
      if (one === undefined) return null;
      one.exit = { ns: nsOf(stamp), receivedMs, status: Number(status) };
      lastMs = receivedMs;
      return decides(step, one.exit.status) ? 'done' : null;
    },
  };
}

function spanOf(
  { step, execNs, beforeMs, execReceivedMs, exit }: Told,
  { host, clock, stampCostMs }: { host: string; clock: HostClock; stampCostMs: number },
): CommandSpan {
  const at = (ns: bigint | null): Interval | null => (ns === null ? null : clock.toCommon(ns));
  // execve follows its stamp at once; the line cannot have come before the stamp.
  const exec = { earliest: at(execNs)?.earliest ?? beforeMs, latest: execReceivedMs };
  const span = { host, argv: [...step.argv], exec };
  if (exit === null) return { ...span, exit: exec, status: -1 };
  const { receivedMs, status } = exit;
  const stamped = at(exit.ns);
  if (stamped === null) return { ...span, exit: { earliest: execReceivedMs, latest: receivedMs }, status };
  // wait() had returned when the stamp was taken, and the stamp took no longer than it was seen to take.
  const earliest = stamped.earliest - Math.max(stampCostMs, 0);
  return { ...span, exit: { earliest, latest: Math.min(stamped.latest, receivedMs) }, status };
}

/** Of one reading of the host's clock, in milliseconds, from two in a row; 0 where it cannot be read. */
function costOf(first: bigint | null, second: bigint | null): number {
  return first === null || second === null ? 0 : Number(second - first) / 1e6;
}

function nsOf(stamp: string | undefined): bigint | null {
  return stamp !== undefined && /^\d+$/.test(stamp) ? BigInt(stamp) : null;
}
