/**
 * config.json of a bundle: made from a scenario, or the user's own with only what the scenario asks for added.
 * Source: the OCI runtime specification 1.2, config.md and config-linux.md.
 */
import { Ajv, type ErrorObject } from 'ajv';
import { UsageError } from '../../errors.ts';
import type { Family, GeneratedBundle } from '../../model.ts';
import { heartbeatArgs, heartbeatMount } from './heartbeat-process.ts';
import { OCI_SCHEMA } from './oci-schema.ts';

/** What a scenario and the machine add to a config.json. */
export interface ConfigOptions {
  /** A user namespace with an identity mapping of 0–65535. */
  userNamespace: boolean;
  /** Path on the hosts of a criu.conf for the annotation `org.criu.config`; null: none. */
  criuConf: string | null;
  /** Directory on the hosts into which the heartbeat writes; null: no heartbeat. */
  heartbeatDirectory: string | null;
}

/** The parts of a config.json that Thaw makes or changes; the user's own may hold more. */
export interface OciConfig {
  ociVersion: string;
  process: { args: string[]; [key: string]: unknown };
  root: { path: string; readonly?: boolean };
  mounts?: Mount[];
  annotations?: Record<string, string>;
  linux?: { namespaces?: { type: string; path?: string }[]; [key: string]: unknown };
  [key: string]: unknown;
}

interface Mount {
  destination: string;
  type?: string;
  source?: string;
  options?: string[];
}

/**
 * The config.json of a bundle that Thaw makes. On the host's network, and without a UTS namespace: a name inside
 * would be checkpointed and keep the source's. Pure; the same arguments give the same object.
 */
export function ociConfig(bundle: GeneratedBundle, family: Family, options: ConfigOptions): OciConfig {
  const config: OciConfig = {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: bundle.user,
      args: bundle.args[family],
      env: Object.entries({ PATH, ...bundle.env[family] }).map(([name, value]) => `${name}=${value}`),
      cwd: bundle.cwd,
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: bundle.readOnlyRoot },
    mounts: [
      ...KERNEL_MOUNTS,
      ...bundle.tmpfs[family].map(tmpfs),
      ...bundle.binds.map(({ source, destination, readOnly }) => bind(source, destination, readOnly)),
    ],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'mount' }],
      // runc adds its list of harmless devices to this.
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      maskedPaths: [],
      readonlyPaths: [],
    },
  };
  return withOptions(config, options);
}

/** The user's own config.json, untouched but for what the options ask for. UsageError where it is not valid. */
export function adaptConfig(original: unknown, options: ConfigOptions): OciConfig {
  validateOci(original);
  return withOptions(original, options);
}

/** UsageError with every fault, each with its place and its reason, where this is no config.json that can run. */
export function validateOci(config: unknown, file = 'config.json'): asserts config is OciConfig {
  if (isOci(config)) return;
  const faults = [...new Set((isOci.errors ?? []).map(faultOf))];
  const shown = faults.slice(0, FAULTS_SHOWN);
  const more = faults.length > shown.length ? [`and ${faults.length - shown.length} more`] : [];
  throw new UsageError(
    `${file} does not follow the OCI runtime specification:\n  ${[...shown, ...more].join('\n  ')}`,
    'see config.md and config-linux.md of the specification; `runc spec` writes an example',
  );
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What a server needs that starts as root, takes a low port and goes on as somebody else. */
const CAPABILITIES = [
  'CAP_SETUID',
  'CAP_SETGID',
  'CAP_NET_BIND_SERVICE',
  'CAP_KILL',
  'CAP_DAC_OVERRIDE',
  'CAP_CHOWN',
  'CAP_FOWNER',
];
const QUIET = ['nosuid', 'noexec', 'nodev'];
const KERNEL_MOUNTS: Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...QUIET, 'mode=1777', 'size=65536k'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: QUIET },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...QUIET, 'ro'] },
];
const FAULTS_SHOWN = 20;
const isOci = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile<OciConfig>(
  OCI_SCHEMA,
);

function withOptions(config: OciConfig, options: ConfigOptions): OciConfig {
  const annotated = options.criuConf === null ? config : withCriuConf(config, options.criuConf);
  const beating =
    options.heartbeatDirectory === null ? annotated : withHeartbeat(annotated, options.heartbeatDirectory);
  return options.userNamespace ? withUserNamespace(beating) : beating;
}

function withCriuConf(config: OciConfig, path: string): OciConfig {
  const theirs = config.annotations?.['org.criu.config'];
  if (theirs !== undefined && theirs !== path) {
    throw new UsageError(
      `config.json names a CRIU configuration of its own, ${theirs}, and this run needs another`,
      'put its lines into `migration.extra` of the scenario, and remove the annotation org.criu.config',
    );
  }
  return { ...config, annotations: { ...config.annotations, 'org.criu.config': path } };
}

function withHeartbeat(config: OciConfig, directory: string): OciConfig {
  return {
    ...config,
    process: { ...config.process, args: heartbeatArgs(config.process.args) },
    mounts: [...(config.mounts ?? []), heartbeatMount(directory)],
  };
}

/**
 * A user namespace, where there is none. It may not mount what belongs to the host's network or IPC namespace's
 * owner: sysfs (and what lies below it) unless the network is its own, and mqueue.
 */
function withUserNamespace(config: OciConfig): OciConfig {
  const namespaces = config.linux?.namespaces ?? [];
  if (namespaces.some(({ type }) => type === 'user')) return config;
  const ownNetwork = namespaces.some(({ type, path }) => type === 'network' && path === undefined);
  const allowed = ({ destination, type }: Mount): boolean =>
    type !== 'mqueue' && (ownNetwork || !/^\/sys(\/|$)/.test(destination));
  return {
    ...config,
    ...(config.mounts === undefined ? {} : { mounts: config.mounts.filter(allowed) }),
    linux: {
      ...config.linux,
      namespaces: [...namespaces, { type: 'user' }],
      uidMappings: [IDENTITY],
      gidMappings: [IDENTITY],
    },
  };
}

const IDENTITY = { containerID: 0, hostID: 0, size: 65_536 };

function tmpfs(destination: string): Mount {
  return { destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev'] };
}

function bind(source: string, destination: string, readOnly: boolean): Mount {
  return { destination, type: 'bind', source, options: ['rbind', readOnly ? 'ro' : 'rw'] };
}

/** `mounts[3].destination: must be string`. */
function faultOf({ keyword, instancePath, message, params }: ErrorObject): string {
  const place = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
  if (keyword === 'pattern' && params.pattern === '^/') return `${place}: must be an absolute path`;
  const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
  return `${place || 'the whole'}: ${message ?? 'is not valid'}${allowed}`;
}
