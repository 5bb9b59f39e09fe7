/**
 * What the looks at the hosts after migrations cost, by the transcript of a run, and whether any was within a frozen
 * window: `npx tsx bench/hygiene.ts RUN`
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TranscriptEntry } from '../harness/host/transcript.ts';
import type { RunRecord } from '../harness/model.ts';

const [run = ''] = process.argv.slice(2);
const { migrations } = JSON.parse(readFileSync(join(run, 'record.json'), 'utf8')) as RunRecord;
const looks = readFileSync(join(run, 'transcript.ndjson'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as TranscriptEntry)
  .filter(({ argv }) => argv[0] === 'perl' && argv[2]?.includes('deleted file held by'));
const took = looks.map(({ startedMs, endedMs }) => endedMs - startedMs).sort((a, b) => a - b);
const at = (share: number): string => (took[Math.floor(share * (took.length - 1))] ?? Number.NaN).toFixed(0);
console.log(
  `${looks.length} looks over ${migrations.length} migrations: median ${at(0.5)} ms a host, p95 ${at(0.95)}, max ${at(1)}`,
);
const frozen = migrations.flatMap(({ frozenWindow }) =>
  'unknown' in frozenWindow ? [] : [[frozenWindow.stopped.earliest, frozenWindow.running.latest] as const],
);
const within = looks.filter(({ startedMs, endedMs }) =>
  frozen.some(([from, to]) => startedMs < to && endedMs > from),
);
console.log(`${within.length} of them within one of ${frozen.length} frozen windows`);
