/** What a command may touch: everything of the process that it runs in, as values. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExitCode } from '../errors.ts';
import { createProgress, type Progress } from '../report/progress.ts';
import { type Terminal, terminalOf } from '../report/terminal.ts';
import type { Actions } from './commands.ts';

export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

export interface Context {
  actions: Actions;
  /** Results, and the progress of a run for a person. */
  out: Output;
  /** Errors, and progress where a program reads the results. */
  err: Output;
  environment: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  /** User ID; null where the platform has none. */
  uid: number | null;
  /** The command line as it was given, without node and the script. */
  argv: readonly string[];
  /** Monotonic milliseconds. */
  now: () => number;
  /** Aborted with an InterruptedError by the first signal. */
  signal: AbortSignal;
  /** Says with which code the program is to end. */
  finish(code: ExitCode): void;
}

export function terminal(context: Context, output: Output): Terminal {
  return terminalOf(output, context.environment);
}

export function progressOn(context: Context, output: Output): Progress {
  const style = terminal(context, output);
  return createProgress(output, { style, live: style.live, now: context.now });
}

/** A scenario that is shipped, wherever the user is. */
export function shipped(name: string): string {
  return fileURLToPath(new URL(`../../scenarios/${name}.yaml`, import.meta.url));
}

/** A path as a person writes it: relative, where it lies below the working directory. */
export function near(path: string): string {
  const short = relative('.', path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** One JSON document on one line: the only thing on stdout with `--json`. */
export function printJson(context: Context, value: unknown): void {
  context.out.write(`${JSON.stringify(value)}\n`);
}

/** What was found, in each format for which the command line names a file. */
export async function writeReports<T, Name extends string>(
  found: T,
  formats: Record<Name, (found: T) => string>,
  files: { [name in Name]?: string | undefined },
  context: Context,
): Promise<void> {
  for (const name of Object.keys(formats) as Name[]) {
    const path = files[name];
    if (path !== undefined) await context.actions.writeReport(path, formats[name](found));
  }
}
