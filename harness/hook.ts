/** The user's own script of the handover: read, put on every host, called at the beginning and at the end. */
import { readFile, stat } from 'node:fs/promises';
import { EnvironmentError, messageOf, UsageError } from './errors.ts';
import { CommandError } from './host/host.ts';
import { callHook, HOOK } from './migration/handover.ts';
import type { Scenario } from './model.ts';
import type { Scope } from './scope.ts';
import type { Testbed, TestbedHost } from './testbed/testbed.ts';

const LIMIT = { timeoutMs: 30_000 };

/** A script or a program. UsageError where it cannot be read. */
export async function readHook(path: string): Promise<Buffer> {
  const wrong = (why: string): UsageError =>
    new UsageError(`handover.hook: ${path} ${why}`, 'give the path of an executable file');
  const found = await stat(path).catch(() => null);
  if (found === null) throw wrong('is not there');
  if (!found.isFile()) throw wrong('is no file');
  try {
    return await readFile(path);
  } catch (error) {
    throw wrong(`cannot be read: ${messageOf(error)}`);
  }
}

/** Gives every host the user's script; at the end it lets go of the service on all of them. */
export async function settleHook(
  script: Buffer,
  { service }: Scenario,
  testbed: Testbed,
  scope: Scope,
): Promise<void> {
  const all = [...testbed.hosts.values()];
  for (const { host } of all) await host.put(HOOK, script, 0o755);
  scope.defer('let go of the service by the hook', async () => {
    const released = await Promise.allSettled(
      all.map((one) =>
        callHook(one, 'release', service).finally(() => one.host.exec(['rm', '-f', '--', HOOK], LIMIT)),
      ),
    );
    const failed = released.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  });
}

/** EnvironmentError where the user's script fails: then it would in each migration. */
export async function claimFirst(
  path: string,
  first: TestbedHost,
  service: Scenario['service'],
): Promise<void> {
  try {
    await callHook(first, 'claim', service);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new EnvironmentError(
      `the hook ${path} failed before the first migration: ${error.message}`,
      'docs/handover.md tells what it must do; by hand: echo go | HOOK claim ADDRESS/PREFIX PORT INTERFACE',
      error,
    );
  }
}
