/** Reads the clock of a host that has a kernel of its own: questions and answers over one open channel. */
import { createInterface } from 'node:readline';
import type { Clock } from '../clock.ts';
import { type Deferred, deferred } from '../deferred.ts';
import type { ClockReading } from '../model.ts';
import type { Host, HostProcess } from './host.ts';
import { type HostClock, placed } from './host-clock.ts';

// /proc/timer_list is made anew at the first read: "now at" is CLOCK_MONOTONIC then. Further down the second clock of
// the first processor is CLOCK_REALTIME, with its offset. So the first is answered at once, the other when asked for.
const ANSWERS = `while read -r question; do
  n=; while read -r a b c d; do
    case "$question $a $b" in
      "monotonic now at") echo "$c"; n=1; break;;
      "wall clock 1:") n=1;;
      "wall .offset: "*) [ -z "$n" ] || { echo "$b"; n=2; break; };;
    esac
  done </proc/timer_list
  case "$question $n" in "monotonic 1"|"wall 2") ;; *) echo -;; esac
done`;

const ASKED = 12;
const ANSWER_LIMIT_MS = 10_000;
/** Enough for those around any stamp of the migration that goes on. */
const REMEMBERED = 64;

export function remoteClock(host: Host, clock: Clock): HostClock {
  let channel: Channel | null = null;
  const readings: ClockReading[] = [];
  let taken = 0;

  const read = async (): Promise<void> => {
    channel ??= openChannel(host);
    const open = channel;
    try {
      const reading = await bestOf(open, host.name, clock);
      if (reading === null) return;
      readings.push(reading);
      taken++;
      if (readings.length > REMEMBERED) readings.shift();
    } catch {
      // A host that does not answer leaves no reading: what rests on it stays wide.
      open.close();
      if (channel === open) channel = null;
    }
  };

  return {
    read,
    toCommon: (ns) => placed(readings, ns),
    take() {
      const fresh = readings.slice(Math.max(0, readings.length - taken));
      taken = 0;
      return fresh;
    },
  };
}

/** The reading with the shortest round trip; null where the host's clock cannot be read. Throws at the limit. */
async function bestOf(channel: Channel, host: string, clock: Clock): Promise<ClockReading | null> {
  let best: Omit<ClockReading, 'wallOffsetMs'> | null = null;
  for (let i = 0; i < ASKED; i++) {
    const askedMs = clock.now();
    const answer = await channel.ask('monotonic');
    const answeredMs = clock.now();
    if (!/^\d+$/.test(answer)) return null;
    if (best === null || answeredMs - askedMs < best.answeredMs - best.askedMs) {
      best = { host, askedMs, answeredMs, hostNs: answer };
    }
  }
  const wall = await channel.ask('wall');
  return best && { ...best, wallOffsetMs: /^-?\d+$/.test(wall) ? Number(wall) / 1e6 : null };
}

interface Channel {
  ask(question: string): Promise<string>;
  close(): void;
}

function openChannel(host: Host): Channel {
  const child: HostProcess = host.spawn(['/bin/sh', '-c', ANSWERS, 'thaw-clock'], {});
  let waiting: Deferred<string> | null = null;
  child.stderr.resume();
  createInterface({ input: child.stdout }).on('line', (line) => waiting?.resolve(line));
  const end = (): void => waiting?.reject(new Error('the clock of the host is gone'));
  child.exited.then(end, end);
  return {
    async ask(question) {
      waiting = deferred<string>();
      const limit = setTimeout(end, ANSWER_LIMIT_MS);
      child.stdin.write(`${question}\n`);
      return waiting.promise.finally(() => clearTimeout(limit));
    },
    close() {
      child.stdin.end();
      child.kill('SIGKILL');
    },
  };
}
