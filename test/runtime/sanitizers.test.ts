import { describe, expect, test } from 'vitest';
import type { Host } from '../../harness/host/host.ts';
import { CommandError } from '../../harness/host/host.ts';
import {
  SANITIZER_DIRECTORY,
  sanitizerEnvironment,
  sanitizerReports,
  sanitizerSummary,
} from '../../harness/runtime/sanitizers.ts';

describe('the environment of commands', () => {
  const TO = `log_path=${SANITIZER_DIRECTORY}/report`;

  test('reports go to files, and leaks are told only where the user asks', () => {
    const { ASAN_OPTIONS, GORACE } = sanitizerEnvironment({});
    expect(ASAN_OPTIONS).toBe(`detect_leaks=0:${TO}:log_exe_name=1`);
    expect(GORACE).toBe(TO);
  });

  test("the user's own options count, but not for where reports go: the last one wins", () => {
    const given = { ASAN_OPTIONS: 'detect_leaks=1:log_path=/x', GORACE: 'halt_on_error=1', HOME: '/root' };
    const environment = sanitizerEnvironment(given);
    expect(environment.ASAN_OPTIONS).toBe(`detect_leaks=0:detect_leaks=1:log_path=/x:${TO}:log_exe_name=1`);
    expect(environment.GORACE).toBe(`halt_on_error=1 ${TO}`);
    expect(Object.keys(environment)).not.toContain('HOME');
  });
});

test.each([
  [
    '=====\n==criu==212==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n#0 f\n\nSUMMARY: AddressSanitizer: heap-buffer-overflow criu/cr-dump.c:1991 in cr_dump_tasks\nShadow',
    'AddressSanitizer: heap-buffer-overflow criu/cr-dump.c:1991 in cr_dump_tasks',
  ],
  [
    'criu/mem.c:12:3: runtime error: shift exponent 64 is too large',
    'criu/mem.c:12:3: runtime error: shift exponent 64 is too large',
  ],
  ['==================\nWARNING: DATA RACE\nWrite at 0x1', 'WARNING: DATA RACE'],
  ['\n', 'an empty report'],
])('%j is told in one line', (text, summary) => {
  expect(sanitizerSummary(text)).toBe(summary);
});

describe('what lies on a host', () => {
  const host = (exec: Host['exec'], get: Host['get']): Host => ({ name: 'rhel01', exec, get }) as Host;

  test('is read, but nothing that leads elsewhere', async () => {
    const listed = {
      status: 0,
      stdout: 'report.criu.2\nreport.runc.1\n../x\nreport.a/b\nother\n',
      stderr: '',
    };
    const found = await sanitizerReports(
      host(
        async () => listed,
        async (path) => Buffer.from(path),
      ),
    );
    expect(found).toEqual(
      ['report.criu.2', 'report.runc.1'].map((name) => ({ name, text: `${SANITIZER_DIRECTORY}/${name}` })),
    );
  });

  test('is nothing where the host is gone', async () => {
    const gone = host(
      async (argv) => {
        throw new CommandError('rhel01', argv, null, 1);
      },
      async () => null,
    );
    expect(await sanitizerReports(gone)).toEqual([]);
  });
});
