/** The known failures: failures.yaml, read and checked once. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { RANGE } from './versions.ts';

const text = z.string().trim().min(1);
const KINDS = ['dump', 'restore', 'lazy-pages', 'runtime'] as const;

const entry = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  /** The logs in which it is told. */
  log: z.array(z.enum(KINDS)).min(1),
  pattern: text.transform((source) => new RegExp(source)),
  /**
   * `cause`: the line tells why. `symptom`: it tells that something failed, and another line may tell why. `wrapper`:
   * it tells only that CRIU failed, and counts where CRIU's own lines are not there.
   */
  rank: z.enum(['cause', 'symptom', 'wrapper']).prefault('cause'),
  applies: z
    .strictObject({ criu: z.string().regex(RANGE).optional(), kernel: z.string().regex(RANGE).optional() })
    .prefault({}),
  cause: text,
  /** What brings it about in a run: sentences with `{placeholders}`, each told where all of its own are known. */
  here: z.array(text).prefault([]),
  remedy: text,
  /** `criu#589` and the like; `recorded` for one that a run of Thaw met, `message`: CRIU's own says it. */
  source: z.array(z.string().regex(/^(?:(?:criu|go-criu|runc|crun|podman)#\d+|recorded|message)$/)).min(1),
  sample: text,
  nearMiss: text,
});

const file = z.strictObject({
  /** Lines that CRIU calls errors and goes on after. */
  noise: z.array(
    z.strictObject({ pattern: text.transform((source) => new RegExp(source)), why: text, sample: text }),
  ),
  failures: z.array(entry),
});

export type KnownFailure = z.output<typeof entry>;
export type Catalogue = z.output<typeof file>;

let read: Catalogue | null = null;

/** Shipped with the program and never written, so it is read when it is first asked for. */
export function knownFailures(): Catalogue {
  read ??= parseCatalogue(readFileSync(FILE, 'utf8'));
  return read;
}

export function parseCatalogue(yaml: string): Catalogue {
  return file.parse(parse(yaml));
}

/** Where an issue is. `recorded` has none. */
export function issueUrl(source: string): string | null {
  const [project = '', number] = source.split('#');
  const repository = REPOSITORIES[project];
  return repository === undefined ? null : `https://github.com/${repository}/issues/${number}`;
}

const REPOSITORIES: Record<string, string> = {
  criu: 'checkpoint-restore/criu',
  'go-criu': 'checkpoint-restore/go-criu',
  runc: 'opencontainers/runc',
  crun: 'containers/crun',
  podman: 'containers/podman',
};

// From the sources and from what is built of them, the root of the package is as far away.
const FILE = new URL('../../harness/diagnosis/failures.yaml', import.meta.url);
