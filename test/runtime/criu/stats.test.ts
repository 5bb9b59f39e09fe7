import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../harness/errors.ts';
import { decodeInventory } from '../../../harness/runtime/criu/inventory.ts';
import { decodeDumpStats, decodeRestoreStats } from '../../../harness/runtime/criu/stats.ts';

const golden = (name: string): Buffer =>
  readFileSync(new URL(`../../golden/store/criu/${name}`, import.meta.url));
/** Message of the UsageError that is thrown; anything else fails. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
const header = [0x40, 0x59, 0x10, 0x55, 0x06, 0x33, 0x09, 0x57];
const statsFile = (entry: number[]): Buffer => Buffer.from([...header, entry.length, 0, 0, 0, ...entry]);

describe('what CRIU 4.2.1 wrote', () => {
  it('is decoded from stats-dump with every field', () => {
    expect(decodeDumpStats(golden('stats-dump'), 'stats-dump')).toEqual({
      freezing_time: 103_990,
      frozen_time: 87_379,
      memdump_time: 13_516,
      memwrite_time: 3_641,
      pages_scanned: 1_749,
      pages_skipped_parent: 0,
      pages_written: 1_209,
      irmap_resolve: 0,
      pages_lazy: 0,
      page_pipes: 25,
      page_pipe_bufs: 25,
      shpages_scanned: 85,
      shpages_skipped_parent: 0,
      shpages_written: 85,
    });
  });

  it('is decoded from stats-restore', () => {
    expect(decodeRestoreStats(golden('stats-restore'), 'stats-restore')).toEqual({
      pages_compared: 658,
      pages_skipped_cow: 579,
      forking_time: 985,
      restore_time: 62_110,
      pages_restored: 630,
    });
  });

  it('is decoded from inventory.img, where fields that were not written are null', () => {
    expect(decodeInventory(golden('inventory.img'), 'inventory.img')).toEqual({
      img_version: 2,
      dump_uptime: null,
      network_lock_method: 0,
      dump_criu_run_id: '8fb9e33f-4fc3-4ae9-b48f-a2e28e1decbe',
    });
  });
});

describe('optional and unknown fields', () => {
  it('are 0 where an older CRIU did not write them, and skipped where a newer one did', () => {
    const unknown = [0xf8, 0x06, 0x01];
    const inner = [0x08, 1, 0x10, 2, 0x18, 3, 0x20, 4, ...unknown];
    expect(decodeRestoreStats(statsFile([0x12, inner.length, ...inner]), 'f')).toEqual({
      pages_compared: 1,
      pages_skipped_cow: 2,
      forking_time: 3,
      restore_time: 4,
      pages_restored: 0,
    });
  });

  it('keep counts beyond 32 bits, and refuse what no number can hold', () => {
    const count = (bytes: number[]) => {
      const inner = [0x08, ...bytes, 0x10, 0, 0x18, 0, 0x20, 0];
      return statsFile([0x12, inner.length, ...inner]);
    };
    expect(decodeRestoreStats(count([0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), 'f').pages_compared).toBe(2 ** 35);
    const all = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    expect(refusal(() => decodeRestoreStats(count(all), 'f'))).toMatch(/^f: damaged at byte 14: 1844/);
  });
});

describe('a damaged file is refused with its name and the offset', () => {
  const whole = golden('stats-dump');
  it.each<[string, Buffer, string]>([
    ['empty', Buffer.alloc(0), 'stats-dump: damaged at byte 0: the file is empty'],
    [
      'cut in its header',
      whole.subarray(0, 7),
      'stats-dump: damaged at byte 7: the file ends within its header',
    ],
    [
      'cut short',
      whole.subarray(0, 40),
      'stats-dump: damaged at byte 40: truncated: 28 of 38 bytes are there',
    ],
    [
      'followed by something else',
      Buffer.concat([whole, Buffer.from('xyz')]),
      'stats-dump: damaged at byte 50: 3 bytes too many',
    ],
    [
      'of another kind',
      golden('inventory.img'),
      'stats-dump: damaged at byte 0: magic 0x58313116 where 0x55105940 belongs',
    ],
    [
      'with statistics of a restore',
      golden('stats-restore'),
      'stats-dump: damaged at byte 12: it holds no statistics of a dump',
    ],
    [
      'without a required field',
      statsFile([0x0a, 2, 0x08, 1]),
      'stats-dump: damaged at byte 14: the field frozen_time (2) is missing',
    ],
    [
      'with a number where a message belongs',
      statsFile([0x08, 1]),
      'stats-dump: damaged at byte 12: wire type 0 where a message belongs',
    ],
  ])('%s', (_, bytes, message) => {
    expect(refusal(() => decodeDumpStats(bytes, 'stats-dump'))).toBe(message);
  });

  it('wherever it is cut, and whichever byte is another', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(() => decodeDumpStats(whole.subarray(0, length), 'f'))).toContain('f: damaged at byte');
    }
    for (let at = 0; at < whole.length; at++) {
      const other = Buffer.from(whole);
      other[at] = (other[at] as number) ^ 0xff;
      try {
        decodeDumpStats(other, 'f');
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }
  });
});
