#!/usr/bin/env node
/** argv → exit code; the only file that exits. */
import { actions } from './cli/commands.ts';
import { execute } from './cli/execute.ts';
import { interruptible } from './cli/signals.ts';
import type { ExitCode } from './errors.ts';
import { renderError } from './report/error.ts';

/** Whatever the caller's is: what is made here others may read and never change, and containers can read it. */
process.umask(0o022);

/** A reader that has had enough (`thaw … | head`) is no error: the run goes on, and its record is complete. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Node would end with 1 here, which means that a check failed. */
process.on('uncaughtException', (error) => {
  process.stderr.write(`${renderError(error, { colour: false })}\n`);
  process.exit(2);
});

const now = () => performance.now();
const leave = (code: ExitCode) => process.exit(code);
const say = (line: string) => void process.stderr.write(`\nthaw: ${line}\n`);

const code = await execute({
  actions,
  out: process.stdout,
  err: process.stderr,
  environment: process.env,
  platform: process.platform,
  uid: process.getuid?.() ?? null,
  argv: process.argv.slice(2),
  now,
  signal: interruptible(process, { now, say, leave }),
});

// Both streams may still hold text where they are pipes.
process.stdout.write('', () => process.stderr.write('', () => leave(code)));
