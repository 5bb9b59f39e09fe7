/** Schedule, client and sample stream put together: what the probe process does between its commands. */
import type { Instant, Sample } from '../model.ts';
import { openClient, type ProbeClient } from './client.ts';
import type { ProbeMessage, ProbeOptions } from './protocol.ts';
import type { SampleWriter } from './sample-writer.ts';
import { sampleLine } from './samples.ts';
import { runSchedule, type Schedule, type Waiting } from './schedule.ts';

export interface Probing {
  /** Starts a stretch of requests; nothing where one is under way. */
  start(): void;
  /** Ends the stretch: waits for what is in flight, closes every connection, and saves all samples. */
  pause(limitMs: number): Promise<void>;
  watch(watch: Watch): void;
  /** Tells the counts, where they have changed. */
  tellCounts(): void;
}

export interface Watch {
  id: number;
  host: string;
  afterMs: Instant;
}

export interface ProbingParts {
  options: Required<ProbeOptions>;
  /** What the service's name resolved to. */
  address: string;
  waiting: Waiting;
  writer: SampleWriter;
  tell(message: ProbeMessage): void;
  /** The number of samples that the options allow has been made. */
  onFull(): void;
}

/** The first request of a stretch is due a moment after its start, so that it can be on time. */
const START_DELAY_MS = 2;

export function openProbing({ options, address, waiting, writer, tell, onFull }: ProbingParts): Probing {
  const { now } = waiting;
  const audience = openAudience(writer, tell);
  const counts = { answered: 0, failed: 0, dropped: 0 };
  let told = JSON.stringify(counts);
  let client: ProbeClient | null = null;
  let schedule: Schedule | null = null;
  let next = 0;
  /** Serial numbers go on over a pause. */
  let connections = 0;

  const onSample = (sample: Sample): void => {
    counts[sample.state]++;
    writer.write(sampleLine(sample));
    // A page of an error names no host.
    if (sample.state === 'answered' && sample.status === 200) audience.answered(sample.host, sample.end);
    schedule?.poke();
  };

  const openOne = (): ProbeClient =>
    openClient({
      ...options,
      address,
      authority: `${options.service}:${options.port}`,
      now,
      onSample,
      nextConnection() {
        schedule?.poke();
        return ++connections;
      },
    });

  return {
    start() {
      if (schedule !== null) return;
      const current = client ?? openOne();
      client = current;
      const stretch = {
        startMs: now() + START_DELAY_MS,
        ratePerSecond: options.ratePerSecond,
        firstN: next,
      };
      schedule = runSchedule(stretch, waiting, {
        send(n, due) {
          if (n < options.maxSamples) current.send(n, due);
          else onFull();
        },
        inFlight: current.inFlight,
      });
    },
    async pause(limitMs) {
      if (schedule !== null) next = schedule.stop();
      schedule = null;
      await client?.drain(limitMs);
      client = null;
      await writer.sync();
    },
    watch: audience.watch,
    tellCounts() {
      const text = JSON.stringify(counts);
      if (text !== told) tell({ type: 'counts', ...counts, at: now() });
      told = text;
    },
  };
}

/** Who answers, told as it changes and to those who asked. */
function openAudience(
  writer: SampleWriter,
  tell: ProbingParts['tell'],
): { answered(host: string, at: Instant): void; watch(watch: Watch): void } {
  const lastAnswer = new Map<string, Instant>();
  let watches: Watch[] = [];
  let current: string | null = null;

  const seen = ({ id }: Watch, at: Instant): void => {
    // Whoever reads the samples then finds the answer; an error of the writer is told by the writer.
    writer.flush().then(
      () => tell({ type: 'seen', id, at }),
      () => {},
    );
  };

  return {
    answered(host, at) {
      lastAnswer.set(host, at);
      // A body that is another one each time names no host.
      if (lastAnswer.size > 1_000) lastAnswer.clear();
      if (host !== current) tell({ type: 'host', host, at });
      current = host;
      if (watches.length === 0) return;
      const fulfilled = (watch: Watch): boolean => watch.host === host && at >= watch.afterMs;
      for (const watch of watches.filter(fulfilled)) seen(watch, at);
      watches = watches.filter((watch) => !fulfilled(watch));
    },
    watch(watch) {
      const at = lastAnswer.get(watch.host);
      if (at !== undefined && at >= watch.afterMs) seen(watch, at);
      else watches.push(watch);
    },
  };
}
