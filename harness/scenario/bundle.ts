/** The `bundle` of a scenario as it is written: one that Thaw makes, or the user's own. */
import { z } from 'zod';
import type { Family } from '../model.ts';
import { byteRate, content, line, name, path, pathBelowRoot, rate, size, text, whole } from './leaves.ts';

/**
 * A value once for all (`once`), or by family of distributions. For a value that is itself a map, `once` refuses
 * what is meant by family, so that a mistake in it is not taken for a map with the key `debian`.
 */
function byFamily<T extends z.ZodType>(value: T, must: string, describe: string, once: T = value) {
  type Value = z.output<T>;
  // Not strictObject: zod takes an alternative whose keys are its only fault for the one that was meant.
  const families = z
    .looseObject({
      debian: value.optional().describe(`${describe} Where the root has Debian packages.`),
      rpm: value.optional().describe(`${describe} Where the root has RPM packages.`),
    })
    .superRefine((given, { addIssue }) => {
      const keys = Object.keys(given).filter((key) => !isFamily(key));
      if (keys.length > 0) addIssue({ code: 'unrecognized_keys', keys, input: given, continue: false });
    })
    .meta({ additionalProperties: false });
  return z.union(
    [
      families.transform((given) => given as Partial<Record<Family, Value>>),
      once.transform((one) => ({ debian: one, rpm: one }) as Partial<Record<Family, Value>>),
    ],
    must,
  );
}

const files = z
  .record(pathBelowRoot, content, 'must be a map from path to content')
  .prefault({})
  .describe('Files put into the root: path as the container sees it, and content.');

const root = z
  .strictObject({
    debian: z
      .strictObject({
        suite: text(/^[a-z][a-z0-9.-]*$/, 'must be the name of a Debian suite, such as bookworm').describe(
          'Debian suite that the packages come from.',
        ),
        packages: packages(/^[a-z0-9][a-z0-9+.-]+$/).describe(
          'Packages to install; what they need comes along.',
        ),
        files,
      })
      .optional()
      .describe('For hosts with Debian packages, by mmdebstrap.'),
    rpm: z
      .strictObject({
        releasever: z
          .union(
            [
              text(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a release, such as 9'),
              z.int().min(1).max(10_000).transform(String),
            ],
            'must be a release, such as 9',
          )
          .describe('Release that dnf installs from (`--releasever`).'),
        packages: packages(/^@?[A-Za-z0-9][A-Za-z0-9+._:-]*$/).describe(
          'Packages to install; what they need comes along.',
        ),
        repositories: z
          .array(
            text(
              /^(https?|ftp|file):\/\/[!-~]+$/,
              'must be the URL of a repository (https, http, ftp or file)',
            ),
            'must be a list of URLs',
          )
          .prefault([])
          .describe("URLs of repositories; without any, those that the machine's own dnf knows."),
        files,
      })
      .optional()
      .describe('For hosts with RPM packages, by `dnf --installroot`.'),
    path: text(/^[^\0\n\r]+$/, 'must be the path of a directory')
      .optional()
      .describe('A root file system of your own, relative to the scenario file; for all hosts.'),
  })
  .optional()
  .describe('How the root file system is made: for one family of distributions or for both, or a `path`.');

function packages(pattern: RegExp) {
  return z
    .array(text(pattern, 'must be the name of a package'), 'must be a list of package names')
    .min(1, 'must name at least one package');
}

const env = z.record(
  text(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable'),
  content,
  'must be a map from variable to value',
);

// A map of nothing but `debian` and `rpm` is the split by family; a variable of such a name needs it too.
const envOnce = env.refine((variables) => !Object.keys(variables).every(isFamily), 'must be a map');

function isFamily(key: string): key is Family {
  return key === 'debian' || key === 'rpm';
}

const tmpfs = z.array(pathBelowRoot, 'must be a list of paths').superRefine((paths, context) => {
  for (const [index, each] of paths.entries()) {
    const add = (message: string) => context.addIssue({ code: 'custom', message, path: [index] });
    const later = paths.slice(index + 1);
    const over = later.find((other) => each.startsWith(`${other}/`));
    if (over !== undefined) add(`must come after ${over}, which would hide it`);
    if (later.includes(each)) add('must be named once');
  }
});

const args = z
  .array(content, 'must be a list of words')
  .min(1, 'must have at least the path of a program')
  .refine(([program]) => program !== '', 'must begin with the path of a program');

const id = (what: string) =>
  whole(0, 4_294_967_294).prefault(0).describe(`${what} of the process, as a number.`);

const counter = z
  .strictObject({
    memory: size
      .optional()
      .describe('Memory that a process beside the server holds; none unless it is given.'),
    dirty: byteRate
      .optional()
      .describe('How much of that memory is written a second, page after page; none unless it is given.'),
    processes: whole(0, 10_000).prefault(0).describe('Processes beside the server that do nothing.'),
    files: whole(0, 10_000).prefault(0).describe('Files that the server holds open, on a tmpfs at `/tmp`.'),
  })
  .refine(
    ({ memory, dirty }) => memory !== undefined || dirty === undefined,
    '`dirty` needs `memory` that can be written',
  )
  .describe(
    'Instead of `args`: a small HTTP server in Perl that counts its requests in memory, and tells with each answer the count and when it was started. With it, `no-lost-state` is checked.',
  );

const redis = z
  .strictObject({
    data: size.describe('Values of 4 KiB that are written before the first answer.'),
    writes: rate.optional().describe('Values that are written anew each second; none unless it is given.'),
    options: z
      .array(line, 'must be a list of words')
      .prefault([])
      .describe('Options of redis-server, word by word, such as `[--maxmemory, 1gb]`.'),
  })
  .describe(
    'Instead of `args`: redis (a package of the root) with data and a write load, and a small HTTP server in Perl before it, which tells with each answer what redis says. With it, `no-lost-state` and `no-lost-writes` are checked.',
  );

/** Keys that only a bundle that Thaw makes can have, with their defaults decided in load.ts. */
const generated = {
  root,
  args: byFamily(args, 'must be a list of words, or a map of debian and rpm', 'Command line, word by word.')
    .optional()
    .describe('The command line, word by word; needed with `root`, unless there is `counter` or `redis`.'),
  counter: counter.optional(),
  redis: redis.optional(),
  env: byFamily(
    env,
    'must be a map from variable to value, or a map of debian and rpm',
    'Variables.',
    envOnce,
  )
    .optional()
    .describe(
      'Environment. `PATH` has the usual directories unless it is given. A map of nothing but `debian` and `rpm` is the split by family.',
    ),
  cwd: path.optional().describe('Working directory of the process; `/` unless it is given.'),
  user: z
    .strictObject({ uid: id('User'), gid: id('Group') })
    .optional()
    .describe('Who the process runs as; root unless it is given.'),
  network: z
    .enum(['host'])
    .optional()
    .describe(
      "`host`: the container uses the host's network, where the service address is. The only choice so far.",
    ),
  'read-only-root': z
    .boolean()
    .optional()
    .describe('Whether the root file system is read-only; `true` unless it is given.'),
  tmpfs: byFamily(tmpfs, 'must be a list of paths, or a map of debian and rpm', 'Mount points.')
    .optional()
    .describe('Mount points that get a tmpfs of their own, in this order.'),
  binds: z
    .array(
      z.strictObject({
        source: pathBelowRoot.describe('Directory on the host; made where it is missing.'),
        destination: pathBelowRoot.describe('Where the container sees it.'),
        'read-only': z.boolean().prefault(true).describe('Whether the container may not write there.'),
      }),
      'must be a list of bind mounts',
    )
    .optional()
    .describe('Directories of the host that the container sees.'),
};

export const GENERATED_KEYS = Object.keys(generated).filter((key) => key !== 'root');

export const bundle = z
  .strictObject({
    name: name
      .optional()
      .describe(
        'Container ID, and directory below `/runc/containers`; the name of the scenario unless it is given.',
      ),
    ...generated,
    from: text(/^[^\0\n\r]+$/, 'must be the path of a bundle directory or a config.json')
      .optional()
      .describe(
        'A bundle of your own, instead of `root`: its directory or its config.json, relative to the scenario file. It is used as it is.',
      ),
    'user-namespace': z
      .enum(['auto', 'always', 'never'])
      .prefault('auto')
      .describe(
        'Whether the container gets a user namespace with an identity mapping. `auto`: only where CRIU lacks CAP_SYS_RESOURCE and could not read the limits of processes of other users.',
      ),
    heartbeat: z
      .boolean()
      .prefault(false)
      .describe(
        'Run a process beside the server that notes every pause: the freeze as the container lived it.',
      ),
    'host-files': z
      .record(pathBelowRoot, content, 'must be a map from path to content')
      .prefault({})
      .describe(
        "Files written on each host before the container starts; `{host}` stands for the host's name.",
      ),
  })
  .meta({
    oneOf: [
      { required: ['root', 'args'] },
      { required: ['root', 'counter'] },
      { required: ['root', 'redis'] },
      { required: ['from'] },
    ],
  })
  .describe('What is migrated: a container that Thaw makes (`root`, `args`), or your own (`from`).');
