/** What is well-formed and still cannot be: keys of a scenario that do not go together. */
import { FAULT_KINDS, FAULT_PHASES, phasesOf, suits } from '../fault.ts';
import { IMAGES_PORT, PAGES_PORT } from '../runtime/commands.ts';
import { GENERATED_KEYS } from './bundle.ts';
import { DEFAULT_PATH, isOnShare, size } from './leaves.ts';
import { type Mistake, nearest } from './parse.ts';
import type { Written } from './schema.ts';

/** Looked for in what was written, whatever else is wrong with it. */
export function contradictions(value: unknown): Mistake[] {
  const written = mappingOr<DeepPartial<Written>>(value, {});
  const bundle = mappingOr<DeepPartial<Written['bundle']> | null>(written.bundle, null);
  const migration = mappingOr<DeepPartial<Written['migration']>>(written.migration, {});
  // What is no mapping at all has been refused by the schema.
  if (bundle === null) return hostMistakes(written.toolchain, migration.path);
  return [
    ...strategyMistakes(migration),
    ...transferMistakes(migration),
    ...portMistakes(mappingOr(written.service, {}), migration),
    ...sabotageMistakes(migration),
    ...faultMistakes(written.faults, migration),
    ...bundleMistakes(bundle),
    ...hostMistakes(written.toolchain, migration.path),
    ...shareMistakes(bundle),
    ...sizeMistakes(bundle, mappingOr(written.testbed, {}), migration),
  ].concat(
    bundle['user-namespace'] === 'always' && migration.connections === 'established'
      ? [
          {
            path: ['migration', 'connections'],
            message:
              '`established` cannot be restored in a user namespace, and `bundle.user-namespace` is `always`',
          },
        ]
      : [],
  );
}

function strategyMistakes(migration: DeepPartial<Written['migration']>): Mistake[] {
  const { strategy = '' } = migration;
  if (['pre-copy', 'hybrid'].includes(strategy)) return [];
  return OF_PRE_DUMPS.filter((key) => migration[key] !== undefined && migration[key] !== false).map(
    (key) => ({
      path: ['migration', key],
      atKey: true,
      message: `\`${key}\` is for \`strategy: pre-copy\` and \`hybrid\``,
    }),
  );
}

const OF_PRE_DUMPS = ['pre-dumps', 'pre-dumps-until', 'auto-dedup'] as const;

function transferMistakes(migration: DeepPartial<Written['migration']>): Mistake[] {
  const { strategy = 'stop-and-copy', transfer } = migration;
  if (transfer === undefined || transfer === 'share' || strategy === 'stop-and-copy') return [];
  return [
    {
      path: ['migration', 'transfer'],
      message: `\`transfer: ${transfer}\` is for \`stop-and-copy\`, not for \`${strategy}\``,
    },
  ];
}

function portMistakes(
  { port }: Record<string, unknown>,
  { strategy = 'stop-and-copy', transfer = 'share' }: DeepPartial<Written['migration']>,
): Mistake[] {
  const path = ['service', 'port'];
  const taken = (who: string): Mistake[] => [
    { path, message: `\`${port}\` is the port of ${who}; give the service another` },
  ];
  const pages = ['post-copy', 'hybrid'].includes(strategy) || transfer === 'page-server';
  if (port === PAGES_PORT && pages) return taken("CRIU's page server");
  if (port === IMAGES_PORT && transfer !== 'share') return taken('who takes the images');
  return [];
}

function sabotageMistakes(migration: DeepPartial<Written['migration']>): Mistake[] {
  if (migration.sabotage !== 'older-image' || migration['image-directory'] === 'per-migration') return [];
  return [
    {
      path: ['migration', 'sabotage'],
      message: '`older-image` needs `image-directory: per-migration`, so that there is an older one',
    },
  ];
}

function faultMistakes(given: unknown, migration: DeepPartial<Written['migration']>): Mistake[] {
  const { strategy = 'stop-and-copy', transfer = 'share' } = migration;
  const phases: readonly string[] = phasesOf(strategy, transfer);
  return (Array.isArray(given) ? given : []).flatMap((one, index): Mistake[] => {
    const { kind, at = 'random', number, host } = mappingOr<Record<string, unknown>>(one, {});
    const path = ['faults', index];
    const wrong: Mistake[] = [];
    if ((kind === 'criu-fault') !== (number !== undefined)) {
      wrong.push({ path, message: '`number` goes with `kind: criu-fault`, and only with it' });
    }
    if (FAULT_PHASES.some((phase) => phase === at) && !phases.includes(at as string)) {
      const message = `\`${at}\` is no phase of \`${strategy}\` with \`transfer: ${transfer}\``;
      wrong.push({ path: [...path, 'at'], message });
    }
    const phase = FAULT_PHASES.find((one) => one === at);
    const known = FAULT_KINDS.find((one) => one === kind);
    if (phase !== undefined && known !== undefined && !suits(known, phase)) {
      wrong.push({ path: [...path, 'at'], message: `\`${known}\` has nothing to break at \`${phase}\`` });
    }
    if (host === 'client' && kind !== 'cut-network' && kind !== 'slow-network') {
      wrong.push({ path: [...path, 'host'], message: '`client` goes with `cut-network` and `slow-network`' });
    }
    return wrong;
  });
}

function mappingOr<T>(value: unknown, otherwise: T): T {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : otherwise;
}

type DeepPartial<T> = T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** Each of them says what the container runs. */
const COMMANDS = ['args', 'counter', 'redis'] as const;

function bundleMistakes(bundle: DeepPartial<Written['bundle']>): Mistake[] {
  const at = ['bundle'];
  const own = bundle.from !== undefined;
  if (own) {
    return [...GENERATED_KEYS, 'root']
      .filter((key) => key in bundle)
      .map((key) => ({
        path: [...at, key],
        atKey: true,
        message: `\`${key}\` is for a bundle that Thaw makes, and \`from\` names one of your own`,
      }));
  }
  if (bundle.root === undefined) {
    return [
      { path: at, message: '`bundle` needs `root` (Thaw makes the bundle) or `from` (one of your own)' },
    ];
  }
  const [first, ...others] = COMMANDS.filter((key) => bundle[key] !== undefined);
  const missing: Mistake[] =
    first === undefined ? [{ path: at, message: '`args` is missing: the command line' }] : [];
  for (const key of others) {
    missing.push({
      path: [...at, key],
      message: `\`${key}\` is the command of the container, and \`${first}\` names another`,
    });
  }
  const root = mappingOr<Record<string, unknown> | null>(bundle.root, null);
  if (root === null) return missing;
  const { path, debian, rpm } = root;
  const recipe = debian ?? rpm;
  if (path === undefined && recipe === undefined) {
    missing.push({ path: [...at, 'root'], message: '`root` needs `debian`, `rpm` or `path`' });
  }
  if (path !== undefined && recipe !== undefined) {
    missing.push({
      path: [...at, 'root', 'path'],
      message: '`path` and a recipe (`debian`, `rpm`) exclude each other',
    });
  }
  return missing;
}

function hostMistakes(toolchain: unknown, given: unknown): Mistake[] {
  const hosts: unknown[] = Array.isArray(given) ? given : [...DEFAULT_PATH];
  const path = hosts.filter((host) => typeof host === 'string');
  return Object.keys(mappingOr(toolchain, {}))
    .filter((host) => !path.includes(host))
    .map((host) => ({
      path: ['toolchain', host],
      atKey: true,
      message: `\`${host}\` is not in \`migration.path\`${nearest(host, path)}`,
    }));
}

function shareMistakes(bundle: DeepPartial<Written['bundle']>): Mistake[] {
  return Object.keys(mappingOr(bundle['host-files'], {}))
    .filter(isOnShare)
    .map((path) => ({
      path: ['bundle', 'host-files', path],
      atKey: true,
      message: `\`${path}\` lies on the share, where all hosts have the same file`,
    }));
}

const HELD = [
  ['counter', 'memory'],
  ['redis', 'data'],
] as const;

function sizeMistakes(
  bundle: DeepPartial<Written['bundle']>,
  { kind = 'netns', share = '1GiB' }: Record<string, unknown>,
  { transfer = 'share', strategy }: Record<string, unknown>,
): Mistake[] {
  const room = size.safeParse(share);
  // Copied images lie in memory of the hosts, and by post-copy memory is in none.
  const isOnIt = transfer === 'share' && strategy !== 'post-copy';
  if (kind !== 'netns' || !room.success || !isOnIt) return [];
  return HELD.flatMap(([workload, key]): Mistake[] => {
    const held = size.safeParse(mappingOr<Record<string, unknown>>(bundle[workload], {})[key]);
    if (!held.success || held.data < room.data) return [];
    return [
      {
        path: ['bundle', workload, key],
        message: `\`${key}\` does not fit into the share, where its images go; raise \`testbed.share\` above it`,
      },
    ];
  });
}
