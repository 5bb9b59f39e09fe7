/**
 * Armed commands: a shell on the host that has everything ready (process, directory, arguments) and waits for
 * one line. Then it runs its steps and tells, on the host's own monotonic clock, when each began and ended.
 */
import { createInterface } from 'node:readline';
import type { Clock } from '../clock.ts';
import { deferred } from '../deferred.ts';
import type { CommandSpan, Instant, StepName } from '../model.ts';
import { CommandError, type Host } from './host.ts';

export interface ArmedStep {
  /** Null: runs in the background, and neither its times nor its status are kept. */
  name: StepName | null;
  argv: readonly string[];
  /** Its input: then the command is started when the shell is armed, and waits for it on standard input. */
  input?: string;
}

export interface Armed {
  /** Sends the one line. */
  fire(): void;
  /** Resolves when the last step has ended, or the first that failed; rejects at the limit. */
  done: Promise<Partial<Record<StepName, CommandSpan>>>;
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
// started by then and reads a FIFO (descriptor 7, 8 or 9), since starting one costs a millisecond.
// `@{` stands for the shell's `${`, which a template would read as its own.
const SCRIPT = String.raw`cd -- "$1" || exit 126
ns=
stamp() { { while read -r a b c d; do if [ "$a $b" = "now at" ]; then ns=$c; return; fi; done </proc/timer_list; } 2>/dev/null; }
begin() { fifo=$1; shift; "$@" <"$fifo" >&2 7>&- 8>&- 9>&- & }
run() { ( stamp; echo "$1 exec @{ns:--}"; shift; exec "$@" </dev/null >&2 7>&- 8>&- 9>&- ); ended "$1" "$?"; }
background() { shift; "$@" </dev/null >&2 7>&- 8>&- 9>&- & }
waiting() {
  stamp; echo "$1 exec @{ns:--}"
  eval "printf '%s\n' \"\$4\" >&$2; exec $2>&-"; wait "$3"; ended "$1" "$?"
}
ended() { ended=$2; stamp; echo "$1 exit @{ns:--} $2"; return "$ended"; }
i=2; steps=; fd=7; fifos=$(mktemp -d) || exit 126
while [ "$i" -le "$#" ]; do
  eval "kind=\@{$i} name=\@{$((i+1))} n=\@{$((i+3))}"; input=$((i+2)); i=$((i+4)); words=
  while [ "$n" -gt 0 ]; do words="$words \"\@{$i}\""; i=$((i+1)); n=$((n-1)); done
  if [ "$kind" = waiting ]; then
    mkfifo "$fifos/$fd"; eval "begin $fifos/$fd $words; exec $fd>$fifos/$fd"
    steps="$steps waiting $name $fd $! \"\@{$input}\" || exit 1;"; fd=$((fd+1))
  else
    steps="$steps $kind $name $words || exit 1;"
  fi
done
rm -r "$fifos"
stamp; first=$ns; stamp; echo "armed @{first:--} @{ns:--}"
read -r go && [ "$go" = go ] || exit 0
eval "$steps"`.replaceAll('@{', '${');

/** Makes the shell ready; rejects with a CommandError where the host does not get that far in time. */
export async function arm(
  host: Host,
  cwd: string,
  steps: readonly ArmedStep[],
  options: { clock: Clock; armLimitMs: number; limitMs: number },
): Promise<Armed> {
  const words = steps.flatMap(({ name, argv, input }) => [
    name === null ? 'background' : input === undefined ? 'run' : 'waiting',
    name ?? 'background',
    input ?? '',
    String(argv.length),
    ...argv,
  ]);
  const argv = ['/bin/sh', '-c', SCRIPT, 'thaw-armed', cwd, ...words];
  const child = host.spawn(argv, {});
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-16_384);
  });
  const reports = follow(steps, host.name, options.clock);
  const lines = createInterface({ input: child.stdout });
  let limit: NodeJS.Timeout | undefined;
  const armed = deferred<void>();
  const done = deferred<Partial<Record<StepName, CommandSpan>>>();
  const gaveUp = (): CommandError =>
    new CommandError(host.name, steps.at(-1)?.argv ?? argv, { status: 125, stdout: '', stderr: output }, 0);
  lines.on('line', (line) => {
    const finished = reports.take(line, options.clock.now());
    if (finished === 'armed') armed.resolve();
    if (finished === 'done') {
      clearTimeout(limit);
      done.resolve(reports.spans);
    }
  });
  child.exited.then(
    () => {
      armed.reject(gaveUp());
      done.reject(gaveUp());
    },
    (error) => {
      armed.reject(error);
      done.reject(error);
    },
  );
  const armTimer = setTimeout(
    () => armed.reject(new CommandError(host.name, argv, null, options.armLimitMs)),
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
    child.kill('SIGKILL');
  };
  return {
    fire() {
      child.stdin.write('go\n');
      limit = setTimeout(() => {
        done.reject(new CommandError(host.name, reports.running()?.argv ?? argv, null, options.limitMs));
        child.kill('SIGKILL');
      }, options.limitMs);
    },
    done: done.promise,
    output: () => output,
    disarm,
  };
}

interface Follower {
  spans: Partial<Record<StepName, CommandSpan>>;
  take(line: string, receivedMs: Instant): 'armed' | 'done' | null;
  running(): ArmedStep | undefined;
}

/** Reads the shell's lines into spans. Without a host clock the bounds are those of the controller's own. */
function follow(steps: readonly ArmedStep[], host: string, clock: Clock): Follower {
  const named = steps.filter((step) => step.name !== null);
  const spans: Follower['spans'] = {};
  let stampCostMs = 0;
  let lastMs = 0;
  const at = (ns: string | undefined, otherwise: Instant): Instant =>
    ns === undefined || ns === '-' ? otherwise : clock.fromNs(BigInt(ns));
  return {
    spans,
    running: () => named.find((step) => step.name !== null && spans[step.name] === undefined) ?? named.at(-1),
    take(line, receivedMs) {
      const [name, event, ns, status] = line.split(' ');
      if (name === 'armed') {
        stampCostMs = at(ns, 0) - at(event, 0);
        lastMs = receivedMs;
        return 'armed';
      }
      const index = named.findIndex((step) => step.name === name);
      const step = named[index];
      if (step?.name == null) return null;
      if (event === 'exec') {
        // execve follows the stamp at once; the line cannot have come before the stamp.
        const exec = { earliest: at(ns, lastMs), latest: receivedMs };
        spans[step.name] = { host, argv: [...step.argv], exec, exit: exec, status: -1 };
        return null;
      }
      const span = spans[step.name];
      if (span === undefined) return null;
      const stampMs = at(ns, receivedMs);
      // wait() had returned when the stamp was taken, and the stamp took no longer than it was seen to take.
      span.exit = { earliest: ns === '-' ? lastMs : stampMs - Math.max(stampCostMs, 0), latest: stampMs };
      span.status = Number(status);
      lastMs = receivedMs;
      return span.status !== 0 || index === named.length - 1 ? 'done' : null;
    },
  };
}
