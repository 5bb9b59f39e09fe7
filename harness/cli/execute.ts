/** A command line → an exit code; every error is told here, once. */
import { CommanderError } from 'commander';
import { type ExitCode, ThawError, UsageError } from '../errors.ts';
import { renderError } from '../report/error.ts';
import { type Context, terminal } from './context.ts';
import { buildProgram } from './program.ts';

/** Runs the command that `context.argv` names. Never throws. */
export async function execute(given: Omit<Context, 'finish'>): Promise<ExitCode> {
  let code: ExitCode = 0;
  const finish = (wanted: ExitCode) => {
    code = wanted;
  };
  const context: Context = { ...given, finish };
  const program = buildProgram(context);
  try {
    await program.parseAsync([...context.argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return tell(error instanceof CommanderError ? usageError(error, context) : error, context);
  }
}

function tell(error: unknown, context: Context): ExitCode {
  const interrupted = context.signal.aborted && context.signal.reason instanceof ThawError;
  const told = interrupted && isAbort(error, context.signal) ? context.signal.reason : error;
  context.err.write(`${renderError(told, terminal(context, context.err))}\n`);
  if (interrupted) return context.signal.reason.exitCode;
  // A bug says nothing about the container: unknown.
  return error instanceof ThawError ? error.exitCode : 2;
}

/** What is thrown because of the signal, in whatever wrapping, is not an error of its own. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (error === signal.reason) return true;
  return error instanceof Error && (error.name === 'AbortError' || error.cause === signal.reason);
}

/** Commander's `error: unknown option '--cout'\n(Did you mean --count?)` in our words. */
function usageError(error: CommanderError, context: Context): UsageError {
  const help = `thaw ${helpTopic(context)}--help`;
  if (error.code === 'commander.help') return new UsageError('no command was given', help);
  const [what = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const nearest = /\(Did you mean (.+)\?\)/.exec(rest.join(' '))?.[1];
  return new UsageError(what, nearest === undefined ? help : `did you mean ${nearest}? See ${help}`);
}

function helpTopic({ argv }: Context): string {
  const first = argv[0] ?? '';
  return [
    'run',
    'sweep',
    'plan',
    'suite',
    'merge',
    'calibrate',
    'report',
    'compare',
    'trend',
    'explain',
    'repro',
    'bisect',
    'doctor',
    'clean',
  ].includes(first)
    ? `${first} `
    : '';
}
