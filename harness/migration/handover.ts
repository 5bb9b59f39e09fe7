/** The handover: how the service leaves the source and comes to the destination. */
import type { ArmedStep } from '../host/armed.ts';
import type { Host } from '../host/host.ts';
import type { HandoverPlan, Service, StepName } from '../model.ts';
import { guardArgv, newConnections } from '../testbed/guards.ts';

/** Where a host finds the user's own script. */
export const HOOK = '/run/thaw-handover';

export function releaseSteps(service: Service, device: string, plan: HandoverPlan): ArmedStep[] {
  return [
    change('release-address', 'del', service, device),
    ...hooked('release-hook', 'release', service, device, plan),
  ];
}

/** Takes the address, tells neighbours where it is now if the plan says so, and lets the user's script do its part. */
export function claimSteps(service: Service, device: string, plan: HandoverPlan): ArmedStep[] {
  return [
    change('claim-address', 'add', service, device),
    ...announceSteps(service, device, plan),
    ...hooked('claim-hook', 'claim', service, device, plan),
  ];
}

/** The source takes it back. The user's script comes last: it may be what failed, and the container is not to be lost to it. */
export function rollBackSteps(
  service: Service,
  device: string,
  plan: HandoverPlan,
  restore: readonly ArmedStep[],
): ArmedStep[] {
  return [
    change('rollback-address', 'add', service, device),
    ...announceSteps(service, device, plan),
    ...restore,
    ...hooked('rollback-hook', 'claim', service, device, plan),
  ];
}

// It runs beside the restore, which need not wait for it.
function announceSteps(service: Service, device: string, { announce }: HandoverPlan): ArmedStep[] {
  return announce ? [{ name: null, argv: announceArgv(service, device) }] : [];
}

/** The same at once, outside of a migration; `ip` fails where the address is (not) there already. */
export function addressArgv(action: 'add' | 'del', service: Service, device: string): string[] {
  return ['ip', 'address', action, `${service.address}/${service.prefixLength}`, 'dev', device];
}

/** Unsolicited ARP, once. */
export function announceArgv(service: Service, device: string): string[] {
  return ['arping', '-q', '-U', '-c', '1', '-I', device, service.address];
}

const LIMIT = { timeoutMs: 30_000 };
type Role = 'claim' | 'release';

/** The user's script at once, outside of a migration. CommandError where it fails. */
export async function callHook(
  { host, interface: device }: { host: Host; interface: string },
  role: Role,
  service: Service,
): Promise<void> {
  await host.exec(hookArgv(role, service, device), { ...LIMIT, input: `${GO}\n` });
}

const GO = 'go';

function hookArgv(role: Role, { address, prefixLength, port }: Service, device: string): string[] {
  return [HOOK, role, `${address}/${prefixLength}`, String(port), device];
}

// It is started when the host is armed, and waits for its line as `ip` does.
function hooked(
  name: StepName,
  role: Role,
  service: Service,
  device: string,
  { hook }: HandoverPlan,
): ArmedStep[] {
  return hook === null ? [] : [{ name, argv: hookArgv(role, service, device), input: GO }];
}

// `ip -batch` waits for its line on standard input: the process is there before the freeze.
function change(name: StepName, action: 'add' | 'del', service: Service, device: string): ArmedStep {
  const [, ...words] = addressArgv(action, service, device);
  return { name, argv: ['ip', '-batch', '-'], input: words.join(' ') };
}

/** What the source does beside the checkpoint: connections that it would take and then lose are not made. */
export function closeSteps(service: Service, { unserved }: HandoverPlan): ArmedStep[] {
  return unserved === 'drop' ? [{ name: null, argv: guardArgv('-I', newConnections(service)) }] : [];
}

/** The destination's steps in the order that the plan gives. */
export function destinationSteps(
  restore: ArmedStep[],
  claim: ArmedStep[],
  service: Service,
  plan: HandoverPlan,
): ArmedStep[] {
  // As soon as the container serves; nobody waits for it.
  const open: ArmedStep = { name: null, argv: guardArgv('-D', newConnections(service)) };
  const opened = plan.unserved === 'drop' ? [...restore, open] : restore;
  switch (plan.address) {
    case 'before-restore':
      return [...claim, ...opened];
    case 'after-restore':
      return [...opened, ...claim];
  }
}
