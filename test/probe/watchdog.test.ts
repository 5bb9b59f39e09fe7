import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

/** Runs a script in a process of its own, with the watchdog at hand. */
function run(script: string): Promise<{ status: number | null; signal: string | null; stdout: string }> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const watchdog = new URL('../../harness/probe/watchdog.ts', import.meta.url).href;
  const source = `import { startWatchdog } from ${JSON.stringify(watchdog)};\n${script}`;
  const child = spawn(process.execPath, ['--import', loader, '--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  return new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal, stdout })));
}

const SPIN = 'const spin = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };';

test('a main thread that needs too much of a core is tamed, and one that spins without a beat is killed', {
  timeout: 60_000,
}, async () => {
  const script = `${SPIN}
    const watchdog = startWatchdog({ cpuShare: 0.2, lookEveryMs: 200, stuckMs: 1_000, lifeMs: 50_000 });
    while (!watchdog.tamed()) { spin(50); watchdog.beat(); }
    process.stdout.write('tamed');
    spin(40_000);`;
  expect(await run(script)).toEqual({ status: null, signal: 'SIGKILL', stdout: 'tamed' });
});

test('a process that is older than its life is killed, and a quiet one is left alone', {
  timeout: 60_000,
}, async () => {
  const old = `startWatchdog({ cpuShare: 0.9, lookEveryMs: 100, stuckMs: 50_000, lifeMs: 500 });
    setTimeout(() => {}, 40_000);`;
  expect(await run(old)).toEqual({ status: null, signal: 'SIGKILL', stdout: '' });
  const quiet = `startWatchdog({ cpuShare: 0.9, lookEveryMs: 50, stuckMs: 100, lifeMs: 50_000 });
    setTimeout(() => process.stdout.write('alive'), 2_000);`;
  expect(await run(quiet)).toEqual({ status: 0, signal: null, stdout: 'alive' });
});
