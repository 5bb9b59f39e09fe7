import { describe, expect, test } from 'vitest';
import type { HostHygiene, RunRecord } from '../../harness/model.ts';
import { leftBehindSection as onPage } from '../../harness/report/html/sections/tables.ts';
import { renderMarkdown } from '../../harness/report/markdown.ts';
import { leftBehind, leftBehindSection } from '../../harness/report/sections/left-behind.ts';
import { renderSummary } from '../../harness/report/summary.ts';
import { passingRecord } from './fixture.ts';

const plain = { colour: false, width: 80 };
const left = (hygiene: HostHygiene[]): RunRecord => {
  const record = passingRecord();
  const migrations = record.migrations.map((one, i) => (i === 2 ? { ...one, hygiene } : one));
  return { ...record, migrations };
};
const LITTER: HostHygiene[] = [
  {
    host: 'rhel01',
    known: true,
    left: [
      { what: 'rule -A INPUT -s 198.51.100.7/32 -j DROP', removed: false },
      { what: 'file /runc/containers/web/core', removed: true },
    ],
    gone: ['setting /proc/sys/net/ipv4/ip_default_ttl = 64'],
  },
  { host: 'rhel02', known: false, left: [], gone: [] },
];

describe('what migrations left on their hosts', () => {
  test('is not mentioned where there is nothing', () => {
    expect(leftBehindSection(passingRecord(), plain)).toEqual([]);
    expect(renderMarkdown(passingRecord(), null)).not.toContain('Left behind');
    expect(onPage(passingRecord()).markup).toBe('');
  });

  test('is told with its migration, its host, and whether it was removed', () => {
    expect(leftBehindSection(left(LITTER), plain).join('\n')).toMatchInlineSnapshot(`
      "Left behind  what hosts had after a migration and not before the container
        migration 3, rhel01: rule -A INPUT -s 198.51.100.7/32 -j DROP, still there
        migration 3, rhel01: file /runc/containers/web/core, removed
        migration 3, rhel01: setting /proc/sys/net/ipv4/ip_default_ttl = 64 is gone
        migration 3, rhel02: unknown: the host did not tell"
    `);
    expect(renderSummary(left(LITTER), { ...plain, directory: 'r' })).toContain('still there');
    expect(renderMarkdown(left(LITTER), null)).toContain(
      '- migration 3, rhel02: unknown: the host did not tell',
    );
    expect(onPage(left(LITTER)).markup).toContain(
      '<li>migration 3, rhel01: file /runc/containers/web/core, removed</li>',
    );
  });

  test('is text in every report, and no more than can be read', () => {
    const what = '<script>alert(1)</script>\u001b[2J*x*';
    const many = Array.from({ length: 30 }, (_, i) => ({ what: `${i}${what}`, removed: false }));
    const record = left([{ host: 'rhel01', known: true, left: many, gone: [] }]);
    expect(leftBehind(record)).toHaveLength(21);
    expect(leftBehind(record).at(-1)).toBe('and 10 more; all of them stand in record.json');
    expect(leftBehindSection(record, plain).join('\n')).not.toContain('\u001b');
    expect(onPage(record).markup).not.toContain('<script>');
    expect(renderMarkdown(record, null)).not.toMatch(/<script>|\*x\*/);
  });
});
