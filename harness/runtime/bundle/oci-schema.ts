/**
 * JSON Schema of the parts of an OCI config.json that bundles for Linux are written with. Condensed from the
 * runtime specification 1.2; what is not named here is left to the runtime. Stricter where runc refuses to start:
 * process and root must be there, with arguments and an absolute working directory.
 */
type Schema = Record<string, unknown>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const texts: Schema = { type: 'array', items: text };
const textMap: Schema = { type: 'object', additionalProperties: text };
const uint32: Schema = { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
const unsigned: Schema = { type: 'integer', minimum: 0 };
const signed: Schema = { type: 'integer' };
const absolutePath: Schema = { type: 'string', pattern: '^/' };

const idMappings = list(
  object({ containerID: uint32, hostID: uint32, size: uint32 }, ['containerID', 'hostID', 'size']),
);
const capabilities: Schema = { type: 'array', items: { type: 'string', pattern: '^CAP_[A-Z_]+$' } };
const environment: Schema = { type: 'array', items: { type: 'string', pattern: '^[^=]+=' } };

const hooks = list(
  object({ path: absolutePath, args: texts, env: environment, timeout: { type: 'integer', minimum: 1 } }, [
    'path',
  ]),
);

const process = object(
  {
    terminal: flag,
    consoleSize: object({ height: unsigned, width: unsigned }, ['height', 'width']),
    user: object({ uid: uint32, gid: uint32, umask: uint32, additionalGids: list(uint32), username: text }),
    args: { type: 'array', items: text, minItems: 1 },
    env: environment,
    cwd: absolutePath,
    capabilities: object({
      bounding: capabilities,
      effective: capabilities,
      inheritable: capabilities,
      permitted: capabilities,
      ambient: capabilities,
    }),
    rlimits: list(
      object({ type: { type: 'string', pattern: '^RLIMIT_[A-Z]+$' }, soft: unsigned, hard: unsigned }, [
        'type',
        'soft',
        'hard',
      ]),
    ),
    noNewPrivileges: flag,
    apparmorProfile: text,
    selinuxLabel: text,
    oomScoreAdj: { type: 'integer', minimum: -1000, maximum: 1000 },
  },
  ['args', 'cwd'],
);

const mount = object(
  {
    // The specification still lets it be relative on Linux, and runc takes it so.
    destination: { type: 'string', minLength: 1 },
    type: text,
    source: text,
    options: texts,
    uidMappings: idMappings,
    gidMappings: idMappings,
  },
  ['destination'],
);

const namespace = object(
  {
    type: { enum: ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'] },
    path: absolutePath,
  },
  ['type'],
);

const device = object(
  {
    type: { enum: ['c', 'b', 'u', 'p'] },
    path: absolutePath,
    major: signed,
    minor: signed,
    fileMode: unsigned,
    uid: uint32,
    gid: uint32,
  },
  ['type', 'path'],
);

const resources = object({
  devices: list(object({ allow: flag, type: text, major: signed, minor: signed, access: text }, ['allow'])),
  memory: object({
    limit: signed,
    reservation: signed,
    swap: signed,
    swappiness: unsigned,
    disableOOMKiller: flag,
    useHierarchy: flag,
    checkBeforeUpdate: flag,
  }),
  cpu: object({
    shares: unsigned,
    quota: signed,
    burst: unsigned,
    period: unsigned,
    realtimeRuntime: signed,
    realtimePeriod: unsigned,
    cpus: text,
    mems: text,
    idle: signed,
  }),
  pids: object({ limit: signed }),
  blockIO: { type: 'object' },
  hugepageLimits: list(object({ pageSize: text, limit: unsigned }, ['pageSize', 'limit'])),
  network: { type: 'object' },
  rdma: { type: 'object' },
  unified: textMap,
});

const linux = object({
  namespaces: list(namespace),
  uidMappings: idMappings,
  gidMappings: idMappings,
  timeOffsets: { type: 'object' },
  devices: list(device),
  cgroupsPath: text,
  resources,
  rootfsPropagation: {
    enum: ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
  },
  seccomp: object(
    { defaultAction: { type: 'string', pattern: '^SCMP_ACT_' }, syscalls: list({ type: 'object' }) },
    ['defaultAction'],
  ),
  sysctl: textMap,
  maskedPaths: texts,
  readonlyPaths: texts,
  mountLabel: text,
});

export const OCI_SCHEMA: Schema = object(
  {
    ociVersion: { type: 'string', pattern: '^1\\.\\d+\\.\\d+' },
    process,
    root: object({ path: { type: 'string', minLength: 1 }, readonly: flag }, ['path']),
    hostname: text,
    domainname: text,
    mounts: list(mount),
    hooks: object({
      prestart: hooks,
      createRuntime: hooks,
      createContainer: hooks,
      startContainer: hooks,
      poststart: hooks,
      poststop: hooks,
    }),
    annotations: textMap,
    linux,
  },
  ['ociVersion', 'process', 'root'],
);

/** More properties are always allowed: runtimes must ignore what they do not know. */
function object(properties: Record<string, Schema>, required: string[] = []): Schema {
  return { type: 'object', properties, required };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}
