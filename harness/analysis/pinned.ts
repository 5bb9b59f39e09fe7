/** The scenario of a run, to be run again as it was. */
import type { RunRecord, Scenario } from '../model.ts';

/** The same toolchains, whatever `auto` would choose by now. */
export function pinned({ head }: Pick<RunRecord, 'head'>): Scenario {
  const { scenario, hosts } = head;
  if (scenario.testbed.kind !== 'netns') return scenario;
  const names = Object.entries(scenario.toolchain).map(([host, name]) => [
    host,
    hosts.find((one) => one.name === host)?.toolchain.name ?? name,
  ]);
  return { ...scenario, toolchain: Object.fromEntries(names) };
}
