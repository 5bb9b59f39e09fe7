/** Writes that a server has acknowledged: is each found again where the container went? Pure fold over the answers. */
import type { AnsweredSample, CountedWrites, Instant, LostWrites, WriteHistory } from '../model.ts';

/** What is known of a migration here. */
export interface MigrationSpan {
  number: number;
  begunMs: Instant;
  destination: string;
  completed: boolean;
}

interface Told extends CountedWrites {
  sent: Instant;
  end: Instant;
  host: string;
}

export function writeHistory(): {
  add(sample: AnsweredSample): void;
  told(migrations: readonly MigrationSpan[]): WriteHistory | undefined;
} {
  const answers: Told[] = [];
  return {
    add({ counted, sent, end, host }) {
      if (counted?.writes !== undefined) answers.push({ ...counted.writes, sent, end, host });
    },
    told(migrations) {
      if (answers.length === 0) return undefined;
      const inOrder = [...answers].sort((a, b) => a.end - b.end);
      const last = inOrder.at(-1) as Told;
      const migrationAt = (at: Instant): number | null =>
        migrations.findLast(({ begunMs }) => begunMs <= at)?.number ?? null;
      return {
        acknowledged: inOrder.reduce((most, { acknowledged }) => Math.max(most, acknowledged), 0),
        checks: last.checks,
        checked: migrations
          .filter((one, i) => isChecked(one, migrations[i + 1], inOrder))
          .map((m) => m.number),
        lost: [...missed(inOrder, migrationAt), ...fewer(answers, migrationAt)],
      };
    },
  };
}

/** All data was read on the destination, by a reading that was not heard of before the migration began. */
function isChecked(one: MigrationSpan, next: MigrationSpan | undefined, answers: readonly Told[]): boolean {
  if (!one.completed) return false;
  const before = answers.findLast(({ end }) => end <= one.begunMs)?.checks ?? 0;
  const untilMs = next?.begunMs ?? Number.POSITIVE_INFINITY;
  return answers.some(
    ({ sent, end, on, checks }) =>
      sent >= one.begunMs && end < untilMs && on === one.destination && checks > before,
  );
}

/** Each reading of all data that missed some, once. */
function missed(answers: readonly Told[], migrationAt: (at: Instant) => number | null): LostWrites[] {
  const readings = new Map<string, LostWrites>();
  for (const { lost, checks, on, end } of answers) {
    const key = `${checks} ${on}`;
    if (lost > 0 && !readings.has(key)) readings.set(key, { writes: lost, on, migration: migrationAt(end) });
  }
  return [...readings.values()];
}

/** An answer to what was sent after another was received tells of no fewer writes: those would be lost. The most for each migration. */
function fewer(answers: readonly Told[], migrationAt: (at: Instant) => number | null): LostWrites[] {
  const received = [...answers].sort((a, b) => a.end - b.end);
  const worst = new Map<number | null, LostWrites>();
  let heard = 0;
  let most = 0;
  for (const { sent, end, acknowledged, host } of [...answers].sort((a, b) => a.sent - b.sent)) {
    for (; heard < received.length && (received[heard] as Told).end <= sent; heard++) {
      most = Math.max(most, (received[heard] as Told).acknowledged);
    }
    const writes = most - acknowledged;
    const migration = migrationAt(end);
    if (writes > (worst.get(migration)?.writes ?? 0)) worst.set(migration, { writes, on: host, migration });
  }
  return [...worst.values()];
}
