import { describe, expect, it } from 'vitest';
import type { Finding } from '../../harness/model.ts';
import { renderCleaned, renderFindings } from '../../harness/report/findings.ts';
import { columnsOf } from '../../harness/report/text.ts';

const plain = { width: 80, colour: false };
const findings: Finding[] = [
  {
    id: 'root',
    what: 'root',
    state: 'ok',
    found: 'yes',
    why: 'namespaces, cgroups and CRIU need it',
    next: null,
  },
  {
    id: 'capabilities',
    what: 'capabilities',
    state: 'warning',
    found: 'missing: CAP_SYS_RESOURCE',
    why: 'CRIU reads limits and sets up processes with them',
    next: 'nothing: httpd then runs in a user namespace, and the record says so',
  },
  {
    id: 'disk',
    what: 'disk',
    state: 'problem',
    found: '312 MiB free for /root/.cache/thaw',
    why: 'root file systems are kept there, some 150 to 300 MiB each',
    next: 'make room, or set XDG_CACHE_HOME to a larger file system',
  },
  {
    id: 'tool',
    what: 'evil\u001b[2J',
    state: 'warning',
    found: '\u202ex'.repeat(60),
    why: 'w\u0007',
    next: 'n\n',
  },
];

describe('what the doctor found', () => {
  it('tells found, why and what to do, in 80 columns', async () => {
    const text = renderFindings(findings, plain);
    await expect(text).toMatchFileSnapshot('../golden/report/findings.txt');
    expect(text.split('\n').filter((line) => columnsOf(line) > 80 || /\p{C}/u.test(line))).toEqual([]);
  });

  it('says that all is well where it is', () => {
    expect(renderFindings(findings.slice(0, 1), plain)).toBe('  ✓ root  yes\n\nThaw can run here.\n');
  });
});

describe('what was cleaned', () => {
  const cleaned = {
    removed: ['cgroup thaw-3f9c-rhel01 and its 2 processes', 'testbed state /run/thaw/3f9c'],
    left: [{ what: 'testbed state /run/thaw/\u001b[2J', why: 'EBUSY: resource busy or locked' }],
    running: ['a1b2'],
  };

  it('tells what went, what is in use and what could not be removed', async () => {
    await expect(renderCleaned(cleaned, { ...plain, dryRun: false })).toMatchFileSnapshot(
      '../golden/report/cleaned.txt',
    );
  });

  it('is only announced in a dry run', () => {
    expect(renderCleaned({ ...cleaned, left: [], running: [] }, { ...plain, dryRun: true })).toBe(
      'Would be removed (2)\n  - cgroup thaw-3f9c-rhel01 and its 2 processes\n  - testbed state /run/thaw/3f9c\n',
    );
  });

  it('is one sentence where there was nothing', () => {
    expect(renderCleaned({ removed: [], left: [], running: [] }, { ...plain, dryRun: false })).toBe(
      'Nothing was left behind.\n',
    );
  });
});
