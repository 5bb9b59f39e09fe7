import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diagnose } from '../../harness/diagnosis/diagnose.ts';
import { scanLog } from '../../harness/diagnosis/scan.ts';

const NOBODY = { versions: { criu: null, kernel: null }, words: {} };
const log = (name: string, ...lines: string[]) => scanLog(name, [Buffer.from(`${lines.join('\n')}\n`)]);

test('the cause counts, not the noise before it nor what follows from it', () => {
  const dump = log(
    'dump.log',
    '(00.001798) Version: 4.2.1 (gitid 0)',
    "(00.001798) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted",
    '(00.287027) Error (criu/page-pipe.c:418): page-pipe: tee: 65536: Operation not permitted',
    '(00.287265) Error (criu/cr-dump.c:1883): Lazy pages transfer FAILED.',
    '(00.287335) Error (criu/cr-dump.c:1975): Dumping FAILED.',
  );
  expect(diagnose({ logs: [dump], phase: 'restore', ...NOBODY })).toMatchObject({
    failure: 'large-pipes',
    line: { log: 'dump.log', number: 3, place: 'criu/page-pipe.c:418' },
  });
});

test('a symptom is told only where no log tells the cause', () => {
  const lazy = log(
    'lazy-pages.log',
    "(00.090830) Error (criu/page-xfer.c:1534): page-xfer: The page server doesn't answer: No such file or directory",
  );
  const dump = log(
    'dump.log',
    '(00.287027) Error (criu/page-pipe.c:418): page-pipe: tee: 65536: Operation not permitted',
  );
  expect(diagnose({ logs: [lazy], phase: 'restore', ...NOBODY })?.failure).toBe('page-server-closed');
  expect(diagnose({ logs: [lazy, dump], phase: 'restore', ...NOBODY })?.failure).toBe('large-pipes');
});

test('an unknown failure is its first error, with what came before and its place in the source', () => {
  const dump = log(
    'dump.log',
    '(00.000001) one',
    '(00.000002) two',
    '(00.000003) Error (criu/new.c:7): new: Boom',
  );
  expect(diagnose({ logs: [dump], phase: 'dump', ...NOBODY })).toMatchObject({
    failure: null,
    line: { number: 3, text: 'Error (criu/new.c:7): new: Boom', place: 'criu/new.c:7' },
    context: ['one', 'two'],
    remedy: null,
  });
});

test('a log of what succeeded explains nothing, whatever it calls an error', () => {
  const dump = log(
    'dump.log',
    '(00.1) Error (criu/a.c:1): Connected TCP socket, consider using --x',
    'Dumping finished successfully',
  );
  expect(diagnose({ logs: [dump], phase: null, ...NOBODY })).toBeNull();
});

test('what is known of the run is told, and what is not is left out', () => {
  const dump = log(
    'dump.log',
    '(00.1) Error (criu/i.c:1): inet: Connected TCP socket, consider using --tcp-established option.',
  );
  const ask = (words: Record<string, string>) =>
    diagnose({ logs: [dump], phase: 'dump', versions: NOBODY.versions, words })?.here;
  expect(ask({ connections: 'refuse' })).toEqual(['This run has `connections: refuse`.']);
  expect(ask({})).toEqual([]);
});

test('runtimes that quote CRIU are understood', () => {
  const crun = log(
    'output',
    'CRIU dump failed: (00.1) Error (criu/i.c:1): Some file locks are hold by dumping tasks! You can try --file-locks to dump them.',
  );
  expect(diagnose({ logs: [crun], phase: 'dump', ...NOBODY })?.failure).toBe('file-lock');
});

test('what a runtime says of CRIU counts only where CRIU says nothing itself', () => {
  const said = log('output', 'criu failed: type NOTIFY errno 0', 'log file: /var/lib/images/dump.log');
  const dump = log('dump.log', '(00.000003) Error (criu/new.c:7): new: Boom');
  expect(diagnose({ logs: [said], phase: 'dump', ...NOBODY })?.failure).toBe('criu-failed');
  expect(diagnose({ logs: [said, dump], phase: 'dump', ...NOBODY })).toMatchObject({
    failure: null,
    line: { log: 'dump.log', place: 'criu/new.c:7' },
  });
});

test.each([
  ['runc', 'ERRO[0000] criu failed: type NOTIFY errno 0', []],
  [
    'podman with crun',
    'CRIU checkpointing failed -52.  Please check CRIU logfile /var/lib/containers/userdata/dump.log',
    [],
  ],
  ['a newer crun', '2026-03-04T22:28:17.147222Z: CRIU checkpointing failed: -52: Invalid exchange', []],
  [
    'Docker',
    'Error response from daemon: Cannot checkpoint container cr2: runc did not terminate sucessfully: criu failed: type NOTIFY errno 0 path= /run/containerd/moby/92cd/criu-dump.log: unknown',
    ['The runtime names it: /run/containerd/moby/92cd/criu-dump.log.'],
  ],
  [
    'CRI-O',
    'level=error msg="criu failed: type NOTIFY errno 0\\nlog file: /run/userdata/restore.log"',
    ['The runtime names it: /run/userdata/restore.log.'],
  ],
])('%s sends to the log of CRIU', (_, line, here) => {
  const asked = diagnose({ logs: [log('mail.txt', line)], phase: null, ...NOBODY });
  expect(asked).toMatchObject({ failure: 'criu-failed', here });
});

test('a task that is traced counts, not the freezer that waited for it', () => {
  const dump = log(
    'dump.log',
    '(00.103322) Error (criu/seize.c:335): zombie 129 (comm perl) found while seizing',
    '(10.004656) Error (criu/cr-dump.c:1655): Timeout reached. Try to interrupt: 0',
    '(10.005280) Error (criu/cr-dump.c:1975): Dumping FAILED.',
  );
  expect(diagnose({ logs: [dump], phase: 'dump', ...NOBODY })).toMatchObject({
    failure: 'task-not-seized',
    line: { number: 1 },
  });
});

test.each([
  [
    'restore.log',
    "(00.1) Error (criu/image.c:1): Can't open core-1.img: No such file or directory",
    'image-missing',
  ],
  [
    'dump.log',
    "(00.1) Error (criu/files-ext.c:94): Can't dump file 5 of that type [600] (anon anon_inode:[io_uring])",
    'descriptor-passing',
  ],
  ['output', "crun: unrecognized option '--no-such-flag'", 'runtime-flag'],
])('%s: another way in which it is said: %s', (name, line, failure) => {
  expect(diagnose({ logs: [log(name, line)], phase: null, ...NOBODY })?.failure).toBe(failure);
});

test('any bytes, cut anywhere, give the same evidence, bounded', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constant('(00.1) Error (criu/a.c:1): x'), fc.constant('\n'))),
      fc.integer({ min: 1, max: 40 }),
      (parts, size) => {
        const bytes = Buffer.concat([
          Buffer.from(`(00.000001) begins\n`),
          ...parts.map((part) => Buffer.from(part)),
        ]);
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
        const whole = scanLog('dump.log', [bytes]);
        const cut = scanLog('dump.log', pieces);
        expect(cut.errors.map(({ number, text }) => [number, text])).toEqual(
          whole.errors.map(({ number, text }) => [number, text]),
        );
        expect(whole.errors.length).toBeLessThanOrEqual(400);
      },
    ),
  );
});
