/** The handover: how the service address leaves the source and comes to the destination. */
import type { ArmedStep } from '../host/armed.ts';
import type { HandoverPlan, Service, StepName } from '../model.ts';

const dev = (address: Service, device: string): string[] => [
  `${address.address}/${address.prefixLength}`,
  'dev',
  device,
];

export function releaseStep(service: Service, device: string): ArmedStep {
  return { name: 'release-address', argv: ['ip', 'address', 'del', ...dev(service, device)] };
}

/** Takes the address, and tells neighbours where it is now if the plan says so. */
export function claimSteps(
  service: Service,
  device: string,
  plan: HandoverPlan,
  name: StepName = 'claim-address',
): ArmedStep[] {
  const claim: ArmedStep = { name, argv: ['ip', 'address', 'add', ...dev(service, device)] };
  // Unsolicited ARP, once; it runs beside the restore, which need not wait for it.
  const announce: ArmedStep = {
    name: null,
    argv: ['arping', '-q', '-U', '-c', '1', '-I', device, service.address],
  };
  return plan.announce ? [claim, announce] : [claim];
}

/** The destination's steps in the order that the plan gives. */
export function destinationSteps(restore: ArmedStep, claim: ArmedStep[], plan: HandoverPlan): ArmedStep[] {
  switch (plan.address) {
    case 'before-restore':
      return [...claim, restore];
    case 'after-restore':
      return [restore, ...claim];
  }
}
