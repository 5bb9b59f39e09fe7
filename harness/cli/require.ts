/** What must be so before a command touches this machine. */
import { EnvironmentError } from '../errors.ts';
import type { Scenario } from '../model.ts';
import { shellWord } from '../report/sections/next.ts';
import type { Context } from './context.ts';

const NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macOS', win32: 'Windows' };

/** Hosts in namespaces, and root file systems that are built here, need Linux and its root. */
export function requireFor({ testbed, bundle }: Scenario, context: Context): void {
  if (testbed.kind === 'netns') requireLinux(context);
  if (testbed.kind === 'netns' || bundle.kind === 'generated') requireRoot(context);
}

/** The namespace testbed is made of Linux's namespaces. */
export function requireLinux(context: Context): void {
  if (context.platform === 'linux') return;
  throw new EnvironmentError(
    `the namespace testbed needs Linux, and this is ${NAMES[context.platform] ?? context.platform}`,
    'use --testbed vagrant, which brings up two Linux machines: see docs/vagrant.md',
  );
}

export function requireRoot(context: Context): void {
  if (context.uid === 0 || context.uid === null) return;
  throw new EnvironmentError(
    'this needs root: namespaces, cgroups, CRIU and root file systems cannot be had without',
    `sudo npx thaw ${context.argv.map(shellWord).join(' ')}`,
  );
}
