/**
 * Reports of sanitizers: a runc or CRIU that was built with AddressSanitizer and its kin writes them, each process into
 * a file of its own, where the environment says. They are read when the run is over.
 */
import { ThawError } from '../errors.ts';
import type { Host } from '../host/host.ts';

/** On the host. `/run` is its own tmpfs. */
export const SANITIZER_DIRECTORY = '/run/thaw-sanitizer';

const LIMIT_BYTES = 1024 * 1024;
const REPORTS_AT_MOST = 100;

/**
 * The environment of every command on a host: what the user set for sanitizers, and where reports go. CRIU leaves much
 * of its memory to the end of the process, and a leak that is told makes it exit as if it had failed: so leaks are told
 * only where the user asks for them.
 */
export function sanitizerEnvironment(given: Record<string, string | undefined>): Record<string, string> {
  const ours = (name: string, ...options: string[]): [string, string] => [
    name,
    [...options.slice(0, -2), given[name] ?? '', ...options.slice(-2)].filter(Boolean).join(':'),
  ];
  const to = `log_path=${SANITIZER_DIRECTORY}/report`;
  return Object.fromEntries([
    ours('ASAN_OPTIONS', 'detect_leaks=0', to, 'log_exe_name=1'),
    ours('UBSAN_OPTIONS', 'print_stacktrace=1', to, 'log_exe_name=1'),
    ours('LSAN_OPTIONS', to, 'log_exe_name=1'),
    ours('TSAN_OPTIONS', to, 'log_exe_name=1'),
    ours('MSAN_OPTIONS', to, 'log_exe_name=1'),
    // Go's race detector, whose options are apart by spaces.
    ['GORACE', [given.GORACE ?? '', to].filter(Boolean).join(' ')],
  ]);
}

export interface SanitizerText {
  /** Of the file, such as `report.criu.123`. */
  name: string;
  text: string;
}

/** What lies there now. A host that is gone has none to give. */
export async function sanitizerReports(host: Host): Promise<SanitizerText[]> {
  const found: SanitizerText[] = [];
  for (const name of (await namesOn(host)).slice(0, REPORTS_AT_MOST)) {
    const content = await host.get(`${SANITIZER_DIRECTORY}/${name}`, LIMIT_BYTES).catch(ignoreDeadHost);
    if (content !== null) found.push({ name, text: content.toString('utf8') });
  }
  return found;
}

/** The line that says what was found. */
export function sanitizerSummary(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const line =
    lines.find((one) => one.startsWith('SUMMARY: ')) ??
    lines.find((one) => /runtime error:|ERROR: |DATA RACE/.test(one)) ??
    lines.find((one) => /[^=]/.test(one)) ??
    'an empty report';
  return line.replace(/^SUMMARY: |^==\d+==/, '').slice(0, 300);
}

async function namesOn(host: Host): Promise<string[]> {
  const argv = ['/bin/sh', '-c', 'cd "$1" 2>/dev/null && ls -1', 'sh', SANITIZER_DIRECTORY];
  const listed = await host.exec(argv, { timeoutMs: 10_000, allowFailure: true }).catch(ignoreDeadHost);
  const names = (listed?.stdout ?? '').split('\n');
  return names.filter((name) => /^report\.[\w.+-]+$/.test(name)).sort();
}

function ignoreDeadHost(error: unknown): null {
  if (!(error instanceof ThawError)) throw error;
  return null;
}
