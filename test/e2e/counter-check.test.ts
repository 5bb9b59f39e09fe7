/**
 * A second client beside the probe, which shares nothing with it but the clock: Node's own HTTP client, one request after
 * the other. Both must tell the same story.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryHistory } from '../../harness/analysis/memory.ts';
import type { AnsweredSample, Sample } from '../../harness/model.ts';
import { parseSample } from '../../harness/probe/samples.ts';
import { whyNotHere } from './machine.ts';
import { recordOf, scratch, start } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

// It says SENT END STATUS HOST COUNT for each answer, in nanoseconds of CLOCK_MONOTONIC, until its input ends. It gives
// up soon: a request that hangs in one migration would else still hang when the next begins.
const OTHER = `
const http = require('node:http');
process.stdin.on('end', () => process.exit(0)).resume();
const ask = () => {
  const sent = process.hrtime.bigint();
  const request = http.get({ host: process.argv[1], port: 80, agent: false, timeout: 100 }, (response) => {
    let body = '';
    response.on('error', () => {}).on('data', (chunk) => (body += chunk)).on('end', () => {
      const [host, line = ''] = body.split('\\n');
      console.log([sent, process.hrtime.bigint(), response.statusCode, host, line.split(' ')[1]].join(' '));
    });
  });
  request.on('timeout', () => request.destroy()).on('error', () => {});
  // However it ended: an answer may also be cut off in its middle.
  request.on('close', () => setTimeout(ask, 5));
};
ask();`;

/** The probe of a run: a descendant with that program, in a network of its own. */
async function probeOf(run: ChildProcess): Promise<number> {
  for (;;) {
    const found = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .find(
        (pid) =>
          commandOf(pid).includes('/probe/process.js') &&
          descends(pid, run.pid as number) &&
          networkOf(pid) !== networkOf('self'),
      );
    if (found !== undefined) return Number(found);
    if (run.exitCode !== null) throw new Error('the run ended before it had a probe');
    await sleep(50);
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** A process on its way into the client's place is still in this machine's network. */
function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return networkOf('self');
  }
}

function descends(pid: string, from: number): boolean {
  for (let at = Number(pid); at > 1; ) {
    if (at === from) return true;
    try {
      at = Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${at}/status`, 'utf8'))?.[1]);
    } catch {
      return false;
    }
  }
  return false;
}

describe.skipIf(why !== null)(`a client of another make${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('beside the probe hears the same hosts in the same order, and no request that either counted is lost', async () => {
    const args = ['run', 'scenarios/counter.yaml', '--count', '3', '--reports', place.path, '--json'];
    const { child, ended } = start(args);
    const probe = await probeOf(child);
    const namespaces = ['--target', String(probe), '--net', '--mount', '--uts'];
    const other = spawn('nsenter', [...namespaces, '--', process.execPath, '-e', OTHER, '172.30.77.10'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let told = '';
    other.stdout.on('data', (chunk) => {
      told += chunk;
    });
    const end = await ended;
    other.stdin.end();
    if (other.exitCode === null) await once(other, 'exit');
    const record = recordOf(end);
    expect({ status: end.status, verdict: record.verdict }).toEqual({ status: 0, verdict: 'pass' });

    const origin = BigInt(record.head.originNs);
    const ms = (ns: string): number => Number(BigInt(ns) - origin) / 1e6;
    const heard = told
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [sent = '', received = '', status, host = '', count] = line.split(' ');
        expect([status, Number(count) > 0]).toEqual(['200', true]);
        return { sent: ms(sent), end: ms(received), host, count: Number(count) };
      });
    const directory = join(place.path, 'counter', record.head.id);
    const samples: Sample[] = readFileSync(join(directory, 'samples.ndjson'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => parseSample(line));
    const probed = samples.filter((sample): sample is AnsweredSample => sample.state === 'answered');

    // The same hosts in the same order, by both.
    const turns = (hosts: string[]): string[] => hosts.filter((host, i) => host !== hosts[i - 1]);
    expect(turns(heard.map(({ host }) => host))).toEqual(record.servedBy.map(({ host }) => host));
    // The other one hears nobody between what the probe says was the last answer and the first, but for what was on its way.
    for (const { downtime, source, destination } of record.migrations) {
      if (!('ms' in downtime)) throw new Error(downtime.unknown);
      const { lastAnswerMs, firstAnswerMs } = downtime;
      const later = heard.filter(
        ({ host, sent }) => host === source && sent > firstAnswerMs && sent < firstAnswerMs + 200,
      );
      const earlier = heard.filter(
        ({ host, end }) => host === destination && end < lastAnswerMs && end > lastAnswerMs - 200,
      );
      expect({ later, earlier }).toEqual({ later: [], earlier: [] });
    }
    // One history of both: each count once, and none goes back.
    const both = memoryHistory();
    const since = probed.find(({ counted }) => counted !== undefined)?.counted?.since ?? '';
    for (const sample of probed) both.add(sample);
    for (const { sent, end: received, host, count } of heard) {
      both.add({ ...(probed[0] as AnsweredSample), sent, end: received, host, counted: { count, since } });
    }
    expect(both.told([])).toMatchObject({ answers: probed.length + heard.length, lost: 0 });
    expect(heard.length).toBeGreaterThan(50);
  });
});
