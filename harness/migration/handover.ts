/** The handover: how the service address leaves the source and comes to the destination. */
import type { ArmedStep } from '../host/armed.ts';
import type { HandoverPlan, Service, StepName } from '../model.ts';

export function releaseStep(service: Service, device: string): ArmedStep {
  return change('release-address', 'del', service, device);
}

/** Takes the address, and tells neighbours where it is now if the plan says so. */
export function claimSteps(
  service: Service,
  device: string,
  plan: HandoverPlan,
  name: StepName = 'claim-address',
): ArmedStep[] {
  const claim = change(name, 'add', service, device);
  // It runs beside the restore, which need not wait for it.
  const announce: ArmedStep = { name: null, argv: announceArgv(service, device) };
  return plan.announce ? [claim, announce] : [claim];
}

/** The same at once, outside of a migration; `ip` fails where the address is (not) there already. */
export function addressArgv(action: 'add' | 'del', service: Service, device: string): string[] {
  return ['ip', 'address', action, `${service.address}/${service.prefixLength}`, 'dev', device];
}

/** Unsolicited ARP, once. */
export function announceArgv(service: Service, device: string): string[] {
  return ['arping', '-q', '-U', '-c', '1', '-I', device, service.address];
}

// `ip -batch` waits for its line on standard input: the process is there before the freeze.
function change(name: StepName, action: 'add' | 'del', service: Service, device: string): ArmedStep {
  const [, ...words] = addressArgv(action, service, device);
  return { name, argv: ['ip', '-batch', '-'], input: words.join(' ') };
}

/** The destination's steps in the order that the plan gives. */
export function destinationSteps(restore: ArmedStep[], claim: ArmedStep[], plan: HandoverPlan): ArmedStep[] {
  switch (plan.address) {
    case 'before-restore':
      return [...claim, ...restore];
    case 'after-restore':
      return [...restore, ...claim];
  }
}
