/**
 * What a redaction changes in a log moves what stands after it, and with it the positions that observations tell: sizes at
 * which the log was looked at. They are moved along, by lines, so that the same lines were there at each look.
 */

/** From a position in one log to that in the same log with other words in its lines; as it is where lines came or went. */
export function movedWith(before: Buffer, after: Buffer): (position: number) => number {
  const [old, now] = [lineEnds(before), lineEnds(after)];
  if (old.length !== now.length) return (position) => position;
  return (position) => {
    const whole = linesUntil(old, position);
    if (whole === old.length) return (now.at(-1) ?? 0) + position - (old.at(-1) ?? 0);
    const [oldBegin, begin] = whole === 0 ? [0, 0] : [old[whole - 1] as number, now[whole - 1] as number];
    // In the midst of a line: it is not whole then, and must not become so.
    return begin + Math.min(position - oldBegin, (now[whole] as number) - begin - 1);
  };
}

interface Looked {
  files: string;
  dumpLog: { bytes: number }[];
  restoreLog: { bytes: number }[];
}

/** A line of `migrations.ndjson` with its positions moved; `moved` knows how, by the path of a log. */
export function withPositions(
  line: string,
  moved: (log: string) => ((position: number) => number) | undefined,
): string {
  const observation = observationIn(line);
  if (observation === null) return line;
  const { files } = observation;
  const looks = (name: 'dumpLog' | 'restoreLog', log: string): object => {
    const move = moved(`${files}/${log}`);
    if (move === undefined) return {};
    return { [name]: observation[name].map((look) => ({ ...look, bytes: move(look.bytes) })) };
  };
  const changed = { ...looks('dumpLog', 'dump.log'), ...looks('restoreLog', 'restore.log') };
  return JSON.stringify({ ...observation, ...changed });
}

/** Null for what is none, as the end of a file that was cut off. */
function observationIn(line: string): Looked | null {
  try {
    const value = JSON.parse(line) as Looked | null;
    return Array.isArray(value?.dumpLog) && Array.isArray(value.restoreLog) ? value : null;
  } catch {
    return null;
  }
}

function lineEnds(log: Buffer): number[] {
  const ends: number[] = [];
  for (let at = log.indexOf(0x0a); at !== -1; at = log.indexOf(0x0a, at + 1)) ends.push(at + 1);
  if (ends.at(-1) !== log.length && log.length > 0) ends.push(log.length);
  return ends;
}

/** How many lines end at or before that position. */
function linesUntil(ends: readonly number[], position: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as number) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
