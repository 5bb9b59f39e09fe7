/** `thaw toolchains`. */
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../errors.ts';
import { renderBuilt, renderItems, renderRemoved, renderTrials } from '../report/toolchains.ts';
import { type Context, printJson, progressOn, terminal } from './context.ts';
import { requireLinux, requireRoot } from './require.ts';

interface Json {
  json?: boolean;
}

export function addToolchains(program: Command, context: Context): void {
  const toolchains = program
    .command('toolchains')
    .summary('list, build, check and remove runc, crun and CRIU in the cache')
    .description(
      'Toolchains in the cache: root file systems of Debian suites, binaries of git revisions and of releases. A run brings what it needs by itself; here it can be had beforehand, tried, and removed.',
    )
    .addHelpText('after', EXAMPLES);
  toolchains
    .command('list')
    .summary('what there is: size, last use, versions, whether it is whole')
    .description('Lists what the cache holds, what was used last first.')
    .option('--json', 'print it on stdout')
    .action((options: Json) => list(options, context));
  toolchains
    .command('build')
    .summary('bring toolchains into the cache')
    .description('Brings toolchains into the cache, or single binaries (criu=FROM).')
    .argument('<name...>', 'toolchains, as for thaw run --toolchain')
    .option('--json', 'print what was built on stdout')
    .action((names: string[], options: Json) => build(names, options, context));
  toolchains
    .command('check')
    .summary('dump and restore a listening process with each')
    .description(
      'Tries toolchains on this kernel: a process with a listening TCP socket is dumped and restored. `criu check` alone does not tell.',
    )
    .argument('<name...>', 'toolchains, as for thaw run --toolchain')
    .option('--json', 'print what was found on stdout')
    .action((names: string[], options: Json) => check(names, options, context));
  toolchains
    .command('remove')
    .summary('remove what is in the cache')
    .description('Removes what is in the cache, but nothing that a run has in use.')
    .argument('[name...]', 'names that list shows, or debian:SUITE')
    .option('--all', 'everything')
    .option('--unused [days]', 'what was not used for so many days (default: 30)', days)
    .option('--json', 'print what was removed on stdout')
    .action((names: string[], options: Json & RemoveOptions) => remove(names, options, context));
}

interface RemoveOptions {
  all?: boolean;
  unused?: number | true;
}

const EXAMPLES = `
Examples:
  thaw toolchains list
  sudo thaw toolchains build debian:forky debian:trixie
  sudo thaw toolchains build auto+criu=git:/src/criu@v4.2
  sudo thaw toolchains build criu=git:https://HOST/criu.git@criu-dev
  sudo thaw toolchains check debian:forky+criu=/src/criu/criu/criu
  sudo thaw toolchains remove debian:trixie
  sudo thaw toolchains remove --unused 14

Exit codes:
  0   done; with check: each works
  1   with check: one does not work on this kernel
  2   it could not be built or tried here, or is in use
  64  there is no such toolchain, revision or name`;

async function list({ json }: Json, context: Context): Promise<void> {
  const items = await context.actions.listToolchains();
  if (json) printJson(context, items);
  else context.out.write(renderItems(items, { ...terminal(context, context.out), now: new Date() }));
  context.finish(0);
}

async function build(names: readonly string[], { json }: Json, context: Context): Promise<void> {
  const built = await each(names, context, context.actions.buildToolchain);
  if (json) printJson(context, built);
  else context.out.write(renderBuilt(built, terminal(context, context.out)));
  context.finish(0);
}

async function check(names: readonly string[], { json }: Json, context: Context): Promise<void> {
  const checked = await each(names, context, context.actions.checkToolchain);
  if (json) printJson(context, checked);
  else context.out.write(renderTrials(checked, terminal(context, context.out)));
  context.finish(checked.every(({ works }) => works) ? 0 : 1);
}

async function remove(
  names: readonly string[],
  { all = false, unused, json }: Json & RemoveOptions,
  context: Context,
): Promise<void> {
  if (!all && unused === undefined && names.length === 0)
    throw new UsageError(
      'nothing is named to be removed',
      'name it as list shows it, or use --unused or --all',
    );
  requireRoot(context);
  const progress = progressOn(context, context.err);
  const unusedDays = unused === undefined ? null : unused === true ? UNUSED_DAYS : unused;
  const removed = await context.actions
    .removeToolchains({ names, all, unusedDays }, (line) => progress.line(line))
    .finally(() => progress.end());
  if (json) printJson(context, removed);
  else context.out.write(renderRemoved(removed, terminal(context, context.out)));
  context.finish(removed.inUse.length > 0 ? 2 : 0);
}

const UNUSED_DAYS = 30;

/** One after another: builds and trials each take the whole machine. */
async function each<T>(
  names: readonly string[],
  context: Context,
  act: (
    name: string,
    options: { progress: ReturnType<typeof progressOn>; signal: AbortSignal },
  ) => Promise<T>,
): Promise<T[]> {
  requireLinux(context);
  requireRoot(context);
  const progress = progressOn(context, context.err);
  const done: T[] = [];
  try {
    for (const name of names) done.push(await act(name, { progress, signal: context.signal }));
  } finally {
    progress.end();
  }
  return done;
}

function days(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of days, such as 30.');
}
