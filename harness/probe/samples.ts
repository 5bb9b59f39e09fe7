/** Samples as lines of JSON: written as they end (so not in the order of `n`), read back with every field checked. */
import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { messageOf, UsageError } from '../errors.ts';
import type { Counted, FailureKind, Instant, Sample } from '../model.ts';

export const HOST_LENGTH = 100;
export const DETAIL_LENGTH = 200;
const SINCE_LENGTH = 40;

/** One line, its newline included. Instants are cut to microseconds. */
export function sampleLine(sample: Sample): string {
  switch (sample.state) {
    case 'answered': {
      const { n, due, state, sent, firstByte, end, status, host, counted, bytes, checksum, connection } =
        sample;
      const memory = counted === undefined ? '' : countedPart(counted);
      const sum = checksum === undefined ? '' : `"checksum":${checksum},`;
      return `{"n":${n},"due":${us(due)},"state":"${state}","sent":${us(sent)},"firstByte":${us(firstByte)},"end":${us(end)},"status":${status},"host":${JSON.stringify(host)},${memory}"bytes":${bytes},${sum}"connection":${connection}}\n`;
    }
    case 'failed': {
      const { n, due, state, sent, end, kind, detail, connection } = sample;
      return `{"n":${n},"due":${us(due)},"state":"${state}","sent":${us(sent)},"end":${us(end)},"kind":"${kind}","detail":${JSON.stringify(detail)},"connection":${connection}}\n`;
    }
    case 'dropped':
      return `{"n":${sample.n},"due":${us(sample.due)},"state":"dropped"}\n`;
  }
}

function countedPart({ count, since, writes }: Counted): string {
  const memory = `"count":${count},"since":${JSON.stringify(since)},`;
  if (writes === undefined) return memory;
  const { acknowledged, lost, checks, on } = writes;
  return `${memory}"writes":${acknowledged},"lostWrites":${lost},"checks":${checks},"checkedOn":${JSON.stringify(on)},`;
}

/** Reads one line. UsageError names `where` (a file and its line) and the field that is wrong. */
export function parseSample(line: string, where = 'a sample'): Sample {
  const value = parseObject(line, where);
  const wrong = (field: string): never => {
    throw new UsageError(
      `${where} is damaged: ${field}: ${JSON.stringify(value[field]) ?? 'missing'}`,
      'copy the run directory again',
    );
  };
  const instant = (field: string): number => (isInstant(value[field]) ? value[field] : wrong(field));
  const whole = (field: string, least: number): number =>
    isWhole(value[field], least) ? value[field] : wrong(field);
  const text = (field: string, most: number): string => {
    const found = value[field];
    return typeof found === 'string' && found.length <= most ? found : wrong(field);
  };
  const n = whole('n', 0);
  const due = instant('due');
  // Written out: to spread the common fields costs more than all the rest.
  switch (value.state) {
    case 'answered':
      return {
        n,
        due,
        state: 'answered',
        sent: instant('sent'),
        firstByte: instant('firstByte'),
        end: instant('end'),
        status: whole('status', 100),
        host: text('host', HOST_LENGTH),
        ...(value.count === undefined
          ? {}
          : {
              counted: {
                count: whole('count', 1),
                since: text('since', SINCE_LENGTH),
                ...(value.writes === undefined
                  ? {}
                  : {
                      writes: {
                        acknowledged: whole('writes', 0),
                        lost: whole('lostWrites', 0),
                        checks: whole('checks', 0),
                        on: text('checkedOn', HOST_LENGTH),
                      },
                    }),
              },
            }),
        bytes: whole('bytes', 0),
        ...(value.checksum === undefined ? {} : { checksum: whole('checksum', 0) }),
        connection: whole('connection', 1),
      };
    case 'failed':
      return {
        n,
        due,
        state: 'failed',
        sent: instant('sent'),
        end: instant('end'),
        kind: isKind(value.kind) ? value.kind : wrong('kind'),
        detail: text('detail', DETAIL_LENGTH),
        connection: value.connection === null ? null : whole('connection', 1),
      };
    case 'dropped':
      return { n, due, state: 'dropped' };
    default:
      return wrong('state');
  }
}

/**
 * All samples of a file in constant memory. Returns whether the last line was cut off, as a killed writer leaves
 * it; a line that is damaged elsewhere is a UsageError with file and line.
 */
export async function* readSamples(path: string): AsyncGenerator<Sample, { cutOff: boolean }> {
  let number = 1;
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield parseSample(line, `${path}:${number++}`);
  }
  return { cutOff: rest !== '' };
}

/**
 * Follows a file that is being written. `next` returns the complete lines since the last call, also where the file
 * has got another name meanwhile and a new one goes on in its place.
 */
export function tailSamples(path: string): { next(): Sample[]; close(): void } {
  let fd = openSync(path, 'r');
  const chunk = Buffer.alloc(1 << 18);
  let position = 0;
  let number = 1;
  const rest = (samples: Sample[]): void => {
    for (;;) {
      const read = readSync(fd, chunk, 0, chunk.length, position);
      const end = chunk.subarray(0, read).lastIndexOf(10) + 1;
      if (end === 0 && read < chunk.length) return;
      if (end === 0) throw new UsageError(`${path}:${number} is damaged: a line without an end`);
      // A newline is no part of a longer UTF-8 sequence, so complete lines decode by themselves.
      for (const line of chunk.toString('utf8', 0, end - 1).split('\n')) {
        samples.push(parseSample(line, `${path}:${number++}`));
      }
      position += end;
    }
  };
  return {
    next() {
      const samples: Sample[] = [];
      rest(samples);
      const now = statSync(path, { throwIfNoEntry: false });
      if (now === undefined || now.ino === fstatSync(fd).ino) return samples;
      // What was written until it got its other name.
      rest(samples);
      closeSync(fd);
      [fd, position, number] = [openSync(path, 'r'), 0, 1];
      rest(samples);
      return samples;
    },
    close: () => closeSync(fd),
  };
}

/** An instant as it is written: whole microseconds. */
export function us(instant: Instant): Instant {
  // + 0: a rounded -0 would not be read back as it was.
  return Math.round(instant * 1_000) / 1_000 + 0;
}

const KINDS: Record<FailureKind, true> = {
  refused: true,
  reset: true,
  timeout: true,
  unreachable: true,
  garbled: true,
  other: true,
};

function isKind(value: unknown): value is FailureKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

/** Thirty years, in milliseconds. Of more the microseconds are no whole numbers that can be told from each other. */
const INSTANT_AT_MOST = 1e12;

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= INSTANT_AT_MOST;
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function parseObject(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`${where} is damaged: ${messageOf(error)}`, 'copy the run directory again');
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new UsageError(`${where} is damaged: not an object`, 'copy the run directory again');
}
