/** Samples that go with the record of the fixtures, made by a rule. */
import type { RunRecord, Sample } from '../../../harness/model.ts';
import { collectSamples, type PackedSamples } from '../../../harness/report/html/columns.ts';
import { failingRecord } from '../fixture.ts';

export const HOSTILE = `</script><script>document.title="owned"</script><img src=x onerror="a'b">`;

/** A request every 10 ms; every 150th is the first of twenty that are lost, and then the other host answers. */
export function samplesOf(count: number, hosts = ['rhel01', 'rhel02'], detail = 'ECONNRESET'): Sample[] {
  return Array.from({ length: count }, (_, n): Sample => {
    const [due, stretch] = [n * 10, Math.floor(n / 150)];
    if (n % 150 < 20 && n % 7 === 0) return { n, due, state: 'dropped' };
    if (n % 150 < 20) {
      const kind = n % 2 === 0 ? 'reset' : 'refused';
      return { n, due, state: 'failed', sent: due, end: due + 2, kind, detail, connection: null };
    }
    const end = due + 1 + (n % 7) + (n % 150 === 20 ? 330 : 0);
    const host = hosts[stretch % hosts.length] as string;
    const answer = { status: 200, host, bytes: 7, connection: n + 1 };
    return { n, due, state: 'answered', sent: due + 0.012, firstByte: end - 0.1, end, ...answer };
  });
}

export function packed(samples: readonly Sample[]): PackedSamples {
  const collected = collectSamples();
  for (const sample of samples) collected.add(sample);
  return collected.pack();
}

/** The failing record with spans, as real runs have them; migration 5 got as far as its restore. */
export function recordWithSpans(): RunRecord {
  const record = failingRecord();
  return {
    ...record,
    migrations: record.migrations.map((migration) => {
      const begun = 2_000 + (migration.number - 1) * 1_500;
      const around = (ms: number, half = 0.2) => ({ earliest: begun + ms - half, latest: begun + ms + half });
      const failed = migration.outcome.state === 'failed';
      return {
        ...migration,
        spans: [
          { name: 'dump', host: migration.source, start: around(20), end: around(190) },
          { name: 'handover', host: migration.destination, start: around(190), end: around(194) },
          {
            name: 'restore',
            host: migration.destination,
            start: around(195),
            end: around(failed ? 230 : 360, 6),
          },
          ...(failed
            ? []
            : [{ name: 'recovery' as const, host: 'client', start: around(345, 0), end: around(2_000, 0) }]),
        ],
      };
    }),
  };
}
