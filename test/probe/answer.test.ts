import { crc32 } from 'node:zlib';
import { errors } from 'undici';
import { expect, test } from 'vitest';
import { checksumOf, countedIn, failureOf, hostOf } from '../../harness/probe/answer.ts';

test('the host is the first line of the body, trimmed and at most 100 characters long', () => {
  const host = (body: string): string | null => hostOf(Buffer.from(body), true);
  expect([
    host('rhel01'),
    host(' rhel01 \r\nand more\n'),
    host(''),
    host('\nrhel01'),
    host('x'.repeat(300)),
    host(`${'x'.repeat(99)}😀`),
    host('größe'),
  ]).toEqual(['rhel01', 'rhel01', '', '', 'x'.repeat(100), 'x'.repeat(99), 'größe']);
});

test('a checksum is that of all that came, or of all but what a counter says of itself', () => {
  const of = (body: string, whole = true) =>
    checksumOf(Buffer.from(body), whole, countedIn(Buffer.from(body)), crc32(body));
  expect(of('rhel01\n', false)).toBe(crc32('rhel01\n'));
  expect(of('rhel01\ncount 9 since t\nrest')).toBe(crc32('rhel01\nrest'));
  expect(of('rhel01\ncount 10 since t\nrest')).toBe(crc32('rhel01\nrest'));
  expect(of('rhel01\ncount 9 since t\nrust')).not.toBe(crc32('rhel01\nrest'));
  expect(of('rhel01\ncount 9 since t\nrest', false)).toBeUndefined();
  expect(of('rhel01\ncount 9 since t\nwrites 1 lost 0 checked 1 on rhel01\nrest')).toBe(
    crc32('rhel01\nrest'),
  );
});

test('a body that is not text names no host', () => {
  expect(hostOf(Buffer.from([0xff, 0xfe, 0x41]), true)).toBe(null);
  expect(hostOf(Buffer.from('rhel01\n\0'), true)).toBe(null);
  expect(hostOf(Buffer.from([0x41, 0xf0, 0x9f, 0x98]), true)).toBe(null);
});

test('a body that was cut within a character is still text', () => {
  expect(hostOf(Buffer.from('rhel01\n😀').subarray(0, -1), false)).toBe('rhel01');
  expect(hostOf(Buffer.from('rhel01\n😀').subarray(0, -3), false)).toBe('rhel01');
});

test('errors are named by what they mean for a client', () => {
  const kind = (code: string, message = 'x', begun = false): string =>
    failureOf(Object.assign(new Error(message), { code }), begun).kind;
  expect({
    refused: kind('ECONNREFUSED'),
    reset: [kind('ECONNRESET'), kind('EPIPE'), kind('UND_ERR_SOCKET', 'other side closed')],
    timeout: kind('ETIMEDOUT'),
    unreachable: [kind('EHOSTUNREACH'), kind('ENETUNREACH')],
    garbled: [
      failureOf(new errors.HTTPParserError('Expected HTTP/'), false).kind,
      kind('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'),
      kind('UND_ERR_SOCKET', 'other side closed', true),
      kind('UND_ERR_SOCKET', 'bad response'),
    ],
    other: [kind('EADDRNOTAVAIL'), kind('')],
  }).toEqual({
    refused: 'refused',
    reset: ['reset', 'reset', 'reset'],
    timeout: 'timeout',
    unreachable: ['unreachable', 'unreachable'],
    garbled: ['garbled', 'garbled', 'garbled', 'garbled'],
    other: ['other', 'other'],
  });
});

test('the detail has the code once, and at most 200 characters', () => {
  const detail = (code: string, message: string): string =>
    failureOf(Object.assign(new Error(message), { code }), false).detail;
  expect(detail('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:80')).toBe(
    'connect ECONNREFUSED 127.0.0.1:80',
  );
  expect(detail('UND_ERR_SOCKET', 'other side closed')).toBe('UND_ERR_SOCKET: other side closed');
  expect(detail('X', 'y'.repeat(300))).toBe(`X: ${'y'.repeat(197)}`);
});

test('the third line of redis tells of its writes; anything else there tells nothing', () => {
  const counted = (third: string) => countedIn(Buffer.from(`rhel01\ncount 12 since ab\n${third}`));
  expect(counted('writes 16384 lost 2 checked 3 on rhel02\n')).toEqual({
    count: 12,
    since: 'ab',
    writes: { acknowledged: 16_384, lost: 2, checks: 3, on: 'rhel02' },
  });
  const others = [
    '',
    'writes 16384 lost 2 checked 3 on rhel02',
    'writes -1 lost 0 checked 3 on rhel02\n',
    'writes 1 lost 0 checked 3 on \n',
    'writes 1 lost 007 checked 3 on rhel02\n',
  ];
  expect(others.map(counted)).toEqual(others.map(() => ({ count: 12, since: 'ab' })));
});

test('the second line of a counter tells its count and start time; anything else is no counter', () => {
  const counted = (body: string) => countedIn(Buffer.from(body));
  expect(counted('rhel01\ncount 12 since 1795478694-952845793\n')).toEqual({
    count: 12,
    since: '1795478694-952845793',
  });
  const others = [
    'rhel01\n',
    'count 12 since 17\n',
    'rhel01\ncount 0 since 17\n',
    'rhel01\ncount -1 since 17\n',
    'rhel01\ncount 1e9 since 17\n',
    'rhel01\ncount 12 since \u001b[2J\n',
    `rhel01\ncount 12 since ${'a'.repeat(41)}\n`,
    // Cut short: the count may be one of more digits.
    'rhel01\ncount 12 since 17',
  ];
  expect(others.map(counted)).toEqual(others.map(() => undefined));
});
