/** What is known of a scenario and its hosts, as words that fill the `{placeholders}` of the known failures. */
import type { HostFacts, MigrationObservation, RunHead } from '../model.ts';
import { runtimeText } from '../runtime/commands.ts';
import type { Versions } from './versions.ts';

export type Words = Readonly<Record<string, string>>;

/** `text` with its placeholders filled; null where one of them is not known. */
export function fill(text: string, words: Words): string | null {
  let known = true;
  const filled = text.replace(PLACEHOLDER, (_, name: string) => {
    const word = Object.hasOwn(words, name) ? words[name] : undefined;
    if (word === undefined || word === '') known = false;
    return (word ?? '').slice(0, LONGEST_WORD);
  });
  return known ? filled : null;
}

/** The host on which a migration failed. */
export function failedOn({ outcome, source, destination }: Failing): string {
  return outcome.state === 'failed' && AT_DESTINATION.has(outcome.phase) ? destination : source;
}

/** The words of one migration. What is not known, or empty, is not there. */
export function wordsOf({ scenario, hosts }: Pick<RunHead, 'scenario' | 'hosts'>, failing: Failing): Words {
  const { migration, probe, handover, service } = scenario;
  const { checkpoint, restore, criuConf } = migration.extra;
  return {
    host: failedOn(failing),
    source: failing.source,
    destination: failing.destination,
    ...hostWords('', hosts, failedOn(failing)),
    ...hostWords('source-', hosts, failing.source),
    ...hostWords('destination-', hosts, failing.destination),
    connections: migration.connections,
    'in-flight': migration.inFlight,
    strategy: migration.strategy.kind,
    'image-directory': migration.imageDirectory,
    'checkpoint-flags': checkpoint.join(' '),
    'restore-flags': restore.join(' '),
    'criu-conf': [...criuConf.source, ...criuConf.destination].join('; '),
    handover: handover.address,
    address: service.address,
    port: String(service.port),
    'probe-mode': probe.mode,
    'probe-connection': probe.connection.kind,
    'user-namespace': scenario.bundle.userNamespace,
    share: scenario.testbed.kind === 'netns' ? `${scenario.testbed.shareMiB} MiB` : '',
  };
}

export function versionsOf(hosts: readonly HostFacts[], name: string): Versions {
  const host = hosts.find((one) => one.name === name);
  return { criu: host?.toolchain.criu ?? null, kernel: host?.kernel ?? null };
}

type Failing = Pick<MigrationObservation, 'outcome' | 'source' | 'destination'>;

const PLACEHOLDER = /\{([a-zA-Z][\w-]*)\}/g;
const LONGEST_WORD = 200;
const AT_DESTINATION: ReadonlySet<string> = new Set(['restore', 'lazy-pages']);

function hostWords(prefix: string, hosts: readonly HostFacts[], name: string): Record<string, string> {
  const host = hosts.find((one) => one.name === name);
  if (host === undefined) return {};
  return {
    [`${prefix}criu`]: host.toolchain.criu,
    [`${prefix}runtime`]: runtimeText(host.toolchain),
    [`${prefix}kernel`]: host.kernel,
    [`${prefix}toolchain`]: host.toolchain.name,
    [`${prefix}missing`]: host.missingCapabilities.join(', '),
  };
}
