/** Whether a scenario can work here: its hosts are brought up, looked at and put away; no container is started. */
import { ThawError } from './errors.ts';
import { readHook } from './hook.ts';
import { adapt } from './migration/adaptations.ts';
import { fitnessOf } from './migration/fitness.ts';
import type { Family, Finding, RunHead, Scenario } from './model.ts';
import { familyOf, groundContext, type Setting } from './prepare.ts';
import { requireBundle } from './runtime/bundle/prepare.ts';
import { finding } from './testbed/finding.ts';
import { openGround } from './testbed/ground.ts';

const WHY = 'a run begins with it';

/** All findings, host by host. What keeps the hosts from coming up is one of them, and then the last. */
export async function examineScenario(wanted: Scenario, setting: Setting): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    const ground = await openGround(wanted, groundContext(setting));
    const scenario = { ...wanted, service: ground.service };
    const { settings, adaptations, userNamespace } = adapt(scenario, ground);
    findings.push(await filesOf(scenario, ground.family, userNamespace), adapted(adaptations));
    setting.progress.status('bringing the hosts up');
    const { hosts } = await ground.up([], settings);
    const toolchains = [...hosts.values()].map(
      ({ host, facts: { toolchain, kernel } }) =>
        `${host.name}: ${toolchain.runtime.name} ${toolchain.runtime.version}, CRIU ${toolchain.criu}, kernel ${kernel}`,
    );
    findings.push(finding(['hosts', 'hosts'], true, toolchains.join('; '), WHY, ''));
    for (const { host, beside } of hosts.values()) {
      findings.push(...(await fitnessOf(scenario, host, beside?.host)));
    }
  } catch (error) {
    setting.signal.throwIfAborted();
    if (!(error instanceof ThawError)) throw error;
    findings.push(finding(['hosts', 'hosts'], false, error.message, WHY, error.next ?? 'thaw doctor'));
  }
  return findings;
}

/** What the scenario names on this machine; packages are not looked for, nothing is built. */
export async function filesOf(
  { bundle, handover }: Pick<Scenario, 'bundle' | 'handover'>,
  hosts: Family,
  userNamespace: boolean,
): Promise<Finding> {
  const told = (good: boolean, found: string, next: string): Finding =>
    finding(['files', 'files'], good, found, 'the scenario names them', next);
  try {
    if (handover.hook !== null) await readHook(handover.hook);
    const family = familyOf(bundle, hosts);
    await requireBundle(bundle, { family, userNamespace, criuConf: null });
    return told(true, 'all that the scenario names are there', '');
  } catch (error) {
    if (!(error instanceof ThawError)) throw error;
    return told(false, error.message, error.next ?? 'mend the scenario');
  }
}

/** What the run does otherwise because of where it runs. */
export function adapted(adaptations: RunHead['adaptations']): Finding {
  const told = adaptations.map(({ what, why }) => `${what} (${why})`).join('; ');
  return finding(
    ['adaptations', 'adaptations'],
    told === '',
    told || 'none',
    'the run differs by it from one elsewhere',
    'nothing: the record says so',
    'warning',
  );
}
