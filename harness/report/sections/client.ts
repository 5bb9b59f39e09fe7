/** What the client saw, who answered it, and how honest its clock was. */
import { max, median, sum } from 'simple-statistics';
import type { ConnectionCounts, ProbeFacts, RunRecord, ServedBy } from '../../model.ts';
import { measured } from '../measurements.ts';
import { count, counted, isUnknown, roughMs } from '../numbers.ts';
import { heading, type Style } from '../style.ts';
import { columnsOf, hang, padRight, safeText } from '../text.ts';

/** Stretches of the history that are shown at each end. */
const ENDS = 10;

export function clientSection(record: RunRecord, style: Style): string[] {
  return [heading(style, 'What the client saw'), ...factLines(clientFacts(record), style)];
}

/** What the client saw, as name and text; empty where there is nothing to tell. */
export function clientFacts(record: RunRecord): [string, string][] {
  return [
    ['requests', requests(record)],
    ['served by', servedBy(record.servedBy)],
    ['outage', bracket(record)],
    ['latency', latency(record)],
    ['connections', connections(record)],
    ['heartbeat', heartbeat(record)],
    ['drop rules', dropRules(record)],
    ['probe', lateness(record)],
    ['', probeFacts(record)],
  ];
}

/** `name  text` lines with a hanging indent; facts without text are left out. */
export function factLines(facts: readonly [string, string][], style: Style): string[] {
  const shown = facts.filter(([, text]) => text !== '');
  const names = Math.max(0, ...shown.map(([name]) => columnsOf(name)));
  return shown.flatMap(([name, text]) => hang(`  ${padRight(name, names)}  `, text, style.width));
}

/** The order of hosts: a regular round is folded, an irregular one shown, and only a very long one cut. */
export function servedBy(history: readonly ServedBy[]): string {
  if (history.length === 0) return 'unknown (no request was answered)';
  const hosts = history.map((stretch) => nameOf(stretch.host));
  return `${foldRounds(hosts) ?? cutMiddle(hosts)}; ${answersByHost(history)}`;
}

/** `rhel01 → rhel02 → … → rhel01, in turn, 11 stretches`; null where it is short or out of turn. */
function foldRounds(hosts: readonly string[]): string | null {
  const round = hosts.indexOf(hosts[0] ?? '', 1);
  if (round < 2 || hosts.length < 2 * round + 2) return null;
  if (hosts.some((host, index) => host !== hosts[index % round])) return null;
  return `${hosts.slice(0, round).join(' → ')} → … → ${hosts.at(-1)}, in turn, ${hosts.length} stretches`;
}

function nameOf(host: string): string {
  return host === '' ? '(empty answer)' : safeText(host, 24);
}

function cutMiddle(hosts: readonly string[]): string {
  const left = hosts.length - 2 * ENDS;
  const shown = left > 1 ? [...hosts.slice(0, ENDS), `(${left} more)`, ...hosts.slice(-ENDS)] : hosts;
  return shown.join(' → ');
}

function answersByHost(history: readonly ServedBy[]): string {
  const answers = new Map<string, number>();
  for (const { host, answers: more } of history) answers.set(host, (answers.get(host) ?? 0) + more);
  const shown = [...answers].slice(0, ENDS).map(([host, number]) => `${nameOf(host)} ${count(number)}`);
  const left = answers.size - shown.length;
  return `answers: ${shown.join(', ')}${left > 0 ? ` and ${counted(left, 'more name')}` : ''}`;
}

function requests({ probe, head }: RunRecord): string {
  if (probe.samples === 0) return 'none was due';
  const lost = Object.entries(probe.failed).filter(([, number]) => number > 0);
  const kinds = [...lost, ...(probe.dropped > 0 ? ([['dropped', probe.dropped]] as const) : [])];
  const failed =
    kinds.length === 0
      ? 'none lost'
      : `lost: ${kinds.map(([kind, number]) => `${count(number)} ${kind}`).join(', ')}`;
  const connection = head.scenario.probe.connection;
  const how =
    connection.kind === 'kept' ? `${counted(connection.count, 'kept connection')}` : 'a connection each';
  const rate = `${counted(head.scenario.probe.ratePerSecond, 'request')} a second, ${how}`;
  return `${count(probe.samples)} due, ${count(probe.answered)} answered, ${failed} (${rate})`;
}

function bracket(record: RunRecord): string {
  const known = measured(record).flatMap(({ downtime }) => (isUnknown(downtime) ? [] : [downtime.bracketMs]));
  if (known.length === 0) return '';
  const widest = `at most ${roughMs(max(known))} in any migration, ${roughMs(median(known))} at the median`;
  return `${widest} (last success sent … first success received)`;
}

function latency(record: RunRecord): string {
  const { latency: all } = record.probe;
  const longest = measured(record).flatMap(({ longestLatencyMs }) =>
    isUnknown(longestLatencyMs) ? [] : [longestLatencyMs],
  );
  const whole =
    all === null
      ? 'unknown (nothing was answered)'
      : `median ${roughMs(all.median)}, p99 ${roughMs(all.p99)}, counted from when a request was due`;
  return `${whole}${longest.length > 0 ? `; longest ${roughMs(max(longest))}` : ''}`;
}

function connections(record: RunRecord): string {
  const known = measured(record).flatMap((migration) =>
    isUnknown(migration.connections) ? [] : [migration.connections],
  );
  if (known.length === 0) return '';
  const survived = sum(known.map((one) => one.survived));
  const broken = sum(known.map((one) => one.broken));
  return `${count(survived)} survived a migration, ${brokenText({ broken, reset: sum(known.map((one) => one.reset)), timedOut: sum(known.map((one) => one.timedOut)) })}`;
}

function heartbeat(record: RunRecord): string {
  const known = measured(record).flatMap((migration) =>
    isUnknown(migration.heartbeat) ? [] : [migration.heartbeat],
  );
  if (known.length === 0) return '';
  const inside = known.filter((one) => one.inside).length;
  const pause = `${roughMs(median(known.map((one) => one.pauseMs)))} at the median`;
  return `the freeze as the container lived it: ${pause}; inside the frozen window's bounds in ${inside} of ${known.length}`;
}

function dropRules(record: RunRecord): string {
  const found = sum(record.migrations.map((migration) => migration.dropRules.found));
  const removed = sum(record.migrations.map((migration) => migration.dropRules.removed));
  return found === 0
    ? ''
    : `CRIU left ${count(found)} that would drop a client's packets; ${count(removed)} removed`;
}

function lateness({ probe }: RunRecord): string {
  if (probe.lateness === null) return 'lateness unknown (no request was sent)';
  const { median: middle, p99, max: worst } = probe.lateness;
  return `sent ${roughMs(middle)} after due at the median, p99 ${roughMs(p99)}, at most ${roughMs(worst)}`;
}

function probeFacts({ tail, head }: RunRecord): string {
  const facts: ProbeFacts | null = tail?.probe ?? null;
  if (facts === null) return 'unknown how it ran (it left no word)';
  const name = safeText(head.scenario.service.name, 40);
  const place = `${name} is ${safeText(facts.resolved, 40)}`;
  const scheduling = facts.schedulingClass === 'fifo' ? 'real-time scheduling (FIFO)' : 'ordinary scheduling';
  return `${place}; ${scheduling}; CPU ${roughMs(facts.cpuMs)}, memory ${facts.maxRssMiB.toFixed(0)} MiB${ranOn(facts)}`;
}

/** Of a client that is a machine of its own. */
function ranOn({ on }: ProbeFacts): string {
  if (on === undefined) return '';
  const clock = on.clockMs === null ? 'is not known' : `is known to ±${on.clockMs.toFixed(1)} ms`;
  return `; on ${safeText(on.host, 40)}, whose clock ${clock}`;
}

/** `3 broke (2 reset, 1 timed out)`; those that were told in another way, as by a refusal, make up the sum. */
export function brokenText({ broken, reset, timedOut }: Omit<ConnectionCounts, 'survived'>): string {
  const otherwise = broken - reset - timedOut;
  const told: [number, string][] = [
    [reset, 'reset'],
    [timedOut, 'timed out'],
    [otherwise === broken ? 0 : otherwise, 'otherwise'],
  ];
  const by = told.flatMap(([number, how]) => (number === 0 ? [] : [`${count(number)} ${how}`]));
  return `${count(broken)} broke${by.length === 0 ? '' : ` (${by.join(', ')})`}`;
}
