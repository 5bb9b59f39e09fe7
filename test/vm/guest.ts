/** Commands on a guest, outside of any run. */
import { execFileSync } from 'node:child_process';
import { MAIN } from '../e2e/thaw.ts';

/** What a script prints as root on a guest; its own failures are part of what it prints. */
export function onGuest(host: string, script: string): string {
  return execFileSync(process.execPath, [MAIN, 'testbed', 'shell', host], {
    input: `{ ${script}\n} 2>/dev/null; exit 0\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: 120_000,
  });
}

/** Runs a script on a guest in the background as soon as runc has started CRIU there; with its trap gone after a time. */
export function whenCriuRuns(host: string, script: string): void {
  // `criu check` runs too, before there is a container.
  const wait =
    'for i in $(seq 3000); do [ -e /run/runc/nginx ] && pidof criu >/dev/null && break; sleep 0.1; done';
  inBackground(host, `${wait}; [ "$i" -lt 3000 ] || exit; ${script}`);
}

/**
 * In the background, once the container is there: each script as soon as its condition holds on that guest, one after
 * the other.
 */
export function whenOnGuest(host: string, steps: readonly Step[]): void {
  whenever(host, [['[ -e /run/runc/nginx ]', ':'], ...steps]);
}

/** The same, whether the container is there or not. */
export function whenever(host: string, steps: readonly Step[]): void {
  const script = steps
    .map(([condition, act]) => `until ${condition} >/dev/null 2>&1; do sleep 0.02; done; ${act}`)
    .join('\n');
  inBackground(host, script);
}

type Step = [condition: string, script: string];

function inBackground(host: string, script: string): void {
  onGuest(host, `nohup setsid timeout 900 sh -c ${quoted(script)} >/dev/null 2>&1 </dev/null &`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
