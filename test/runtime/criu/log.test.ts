import { describe, expect, it } from 'vitest';
import { firstErrors, parseLog } from '../../../harness/runtime/criu/log.ts';

describe('parseLog', () => {
  it('reads offsets in milliseconds and ends lines after their newline', () => {
    expect(
      parseLog(Buffer.from('(00.000052) Version: 4.2.1 (gitid 0)\n(123.500001)      1: héllo\n')),
    ).toEqual([
      { offsetMs: 0.052, endByte: 37, text: 'Version: 4.2.1 (gitid 0)' },
      { offsetMs: 123_500.001, endByte: 65, text: '1: héllo' },
    ]);
  });

  it('gives lines without an offset to the line before, which still ends where it ended', () => {
    const log = '(00.168745) Putting tsock into pid 55\npie: 1: Running\npie: 1: Waits\n(00.168816) Wait\n';
    expect(parseLog(Buffer.from(log))).toEqual([
      { offsetMs: 168.745, endByte: 38, text: 'Putting tsock into pid 55\npie: 1: Running\npie: 1: Waits' },
      { offsetMs: 168.816, endByte: 85, text: 'Wait' },
    ]);
  });

  it('keeps what stands before the first offset, empty lines, and a last line that was cut', () => {
    expect(parseLog(Buffer.from('hello\n\n(00.000001) a\n(00.0000'))).toEqual([
      { offsetMs: 0, endByte: 6, text: 'hello\n' },
      { offsetMs: 0.001, endByte: 21, text: 'a\n(00.0000' },
    ]);
  });

  it('replaces bytes that are not UTF-8 and still counts bytes', () => {
    const bytes = Buffer.concat([Buffer.from('(00.000001) '), Buffer.from([0xff, 0xc3]), Buffer.from('\n')]);
    expect(parseLog(bytes)).toEqual([{ offsetMs: 0.001, endByte: 15, text: '\ufffd\ufffd' }]);
  });

  it('takes a line of ten million characters', () => {
    const [line, ...more] = parseLog(Buffer.from(`(00.000001) ${'x'.repeat(10_000_000)}\n`));
    expect([line?.text.length, line?.endByte, more]).toEqual([10_000_000, 10_000_013, []]);
  });

  it('finds no lines in an empty log', () => {
    expect(parseLog(Buffer.alloc(0))).toEqual([]);
  });
});

describe('firstErrors', () => {
  it('tells errors of all processes in order, without what is known to be harmless', () => {
    const log = parseLog(
      Buffer.from(
        [
          "(00.049815) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted",
          '(00.050000) Dumping path for 2 fd via self 21 [/var/log/apache2/error.log]',
          '(00.060000)     17: Error (criu/sk-inet.c:191): Connected TCP socket, consider using --tcp-established',
          'pie: 17: Error (criu/pie/parasite.c:10): broken',
          '(00.070000) Error (criu/cr-dump.c:1768): Dump files (pid: 17) failed with -1',
          '(00.080000) Error (criu/cgroup.c:1): cgroupd: recv req error: No such file or directory',
        ].join('\n'),
      ),
    );
    expect(firstErrors(log)).toEqual([
      '17: Error (criu/sk-inet.c:191): Connected TCP socket, consider using --tcp-established',
      'pie: 17: Error (criu/pie/parasite.c:10): broken',
      'Error (criu/cr-dump.c:1768): Dump files (pid: 17) failed with -1',
    ]);
    expect(firstErrors(log, 1)).toHaveLength(1);
  });

  it('is empty for a log without errors', () => {
    expect(firstErrors(parseLog(Buffer.from('(00.242253) Dumping finished successfully\n')))).toEqual([]);
  });
});
