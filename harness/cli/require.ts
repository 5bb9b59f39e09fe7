/** What must be so before a command touches this machine. */
import { EnvironmentError } from '../errors.ts';
import { shellWord } from '../report/sections/next.ts';
import type { Context } from './context.ts';

const NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macOS', win32: 'Windows' };

/** The namespace testbed is made of Linux's namespaces. */
export function requireLinux(context: Context): void {
  if (context.platform === 'linux') return;
  throw new EnvironmentError(
    `the namespace testbed needs Linux, and this is ${NAMES[context.platform] ?? context.platform}`,
    'use the Vagrant testbed, which brings up two Linux machines: see the Vagrantfile',
  );
}

export function requireRoot(context: Context): void {
  if (context.uid === 0 || context.uid === null) return;
  throw new EnvironmentError(
    'this needs root: namespaces, cgroups and CRIU cannot be had without',
    `sudo npx thaw ${context.argv.map(shellWord).join(' ')}`,
  );
}
