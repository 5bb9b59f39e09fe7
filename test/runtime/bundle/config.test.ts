import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../harness/errors.ts';
import type { GeneratedBundle } from '../../../harness/model.ts';
import { adaptConfig, ociConfig, validateOci } from '../../../harness/runtime/bundle/config.ts';

const plain = { userNamespace: false, criuConf: null, heartbeatDirectory: null };

const bundle: GeneratedBundle = {
  kind: 'generated',
  name: 'rhel7-httpd',
  userNamespace: 'auto',
  heartbeat: false,
  hostFiles: [],
  root: {},
  args: { debian: ['apache2', '-DFOREGROUND'], rpm: ['httpd', '-DFOREGROUND'] },
  env: { debian: { APACHE_RUN_DIR: '/run/apache2' }, rpm: { PATH: '/opt/bin' } },
  cwd: '/',
  user: { uid: 0, gid: 0 },
  network: 'host',
  readOnlyRoot: true,
  tmpfs: { debian: ['/tmp', '/run/apache2'], rpm: ['/run/httpd'] },
  binds: [
    { source: '/tmp/rhel7-httpd', destination: '/var/www/html', readOnly: true },
    { source: '/tmp/data', destination: '/data', readOnly: false },
  ],
};
const capabilities = [
  'CAP_SETUID',
  'CAP_SETGID',
  'CAP_NET_BIND_SERVICE',
  'CAP_KILL',
  'CAP_DAC_OVERRIDE',
  'CAP_CHOWN',
  'CAP_FOWNER',
];
const identity = [{ containerID: 0, hostID: 0, size: 65_536 }];
const types = (config: { linux?: { namespaces?: { type: string }[] } }) =>
  config.linux?.namespaces?.map(({ type }) => type);
const destinations = (config: { mounts?: { destination: string }[] }) =>
  config.mounts?.map(({ destination }) => destination);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a config.json that Thaw makes', () => {
  it('is the proven one, in whole', () => {
    const config = ociConfig(bundle, 'debian', plain);
    expect(config).toEqual({
      ociVersion: '1.0.2',
      process: {
        terminal: false,
        user: { uid: 0, gid: 0 },
        args: ['apache2', '-DFOREGROUND'],
        env: [
          'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          'APACHE_RUN_DIR=/run/apache2',
        ],
        cwd: '/',
        capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
        noNewPrivileges: true,
      },
      root: { path: 'rootfs', readonly: true },
      mounts: [
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
        {
          destination: '/dev/shm',
          type: 'tmpfs',
          source: 'shm',
          options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
        },
        {
          destination: '/dev/mqueue',
          type: 'mqueue',
          source: 'mqueue',
          options: ['nosuid', 'noexec', 'nodev'],
        },
        {
          destination: '/sys',
          type: 'sysfs',
          source: 'sysfs',
          options: ['nosuid', 'noexec', 'nodev', 'ro'],
        },
        { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev'] },
        { destination: '/run/apache2', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev'] },
        { destination: '/var/www/html', type: 'bind', source: '/tmp/rhel7-httpd', options: ['rbind', 'ro'] },
        { destination: '/data', type: 'bind', source: '/tmp/data', options: ['rbind', 'rw'] },
      ],
      linux: {
        namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'mount' }],
        resources: { devices: [{ allow: false, access: 'rwm' }] },
        maskedPaths: [],
        readonlyPaths: [],
      },
    });
    expect(() => validateOci(config)).not.toThrow();
  });

  it('has the arguments, environment and mounts of the family, and a PATH of the scenario wins', () => {
    const { process, mounts } = ociConfig(bundle, 'rpm', plain);
    expect([process.args, process.env, mounts?.[6]?.destination]).toEqual([
      ['httpd', '-DFOREGROUND'],
      ['PATH=/opt/bin'],
      '/run/httpd',
    ]);
  });

  it('with a user namespace maps every ID to itself and mounts neither /sys nor mqueue', () => {
    const config = ociConfig(bundle, 'debian', { ...plain, userNamespace: true });
    expect(types(config)).toEqual(['pid', 'ipc', 'mount', 'user']);
    expect([config.linux?.uidMappings, config.linux?.gidMappings]).toEqual([identity, identity]);
    expect(destinations(config)).toEqual([
      '/proc',
      '/dev',
      '/dev/pts',
      '/dev/shm',
      '/tmp',
      '/run/apache2',
      '/var/www/html',
      '/data',
    ]);
  });

  it('names the criu.conf that CRIU is to read', () => {
    const config = ociConfig(bundle, 'debian', { ...plain, criuConf: '/run/thaw-criu.conf' });
    expect(config.annotations).toEqual({ 'org.criu.config': '/run/thaw-criu.conf' });
  });

  it('starts the heartbeat beside the server, with its directory bound in', () => {
    const config = ociConfig(bundle, 'debian', { ...plain, heartbeatDirectory: '/runc/heartbeat' });
    expect(config.process.args.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(config.process.args.slice(-2)).toEqual(['apache2', '-DFOREGROUND']);
    expect(config.mounts?.at(-1)).toEqual({
      destination: '/dev/thaw-heartbeat',
      type: 'bind',
      source: '/runc/heartbeat',
      options: ['rbind', 'rw'],
    });
  });
});

describe("the user's own config.json", () => {
  const own = {
    ociVersion: '1.2.0',
    process: { args: ['/srv'], cwd: '/', 'x-more': true },
    root: { path: '/elsewhere' },
    hostname: 'kept',
    mounts: [
      { destination: '/sys', type: 'sysfs', source: 'sysfs' },
      { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' },
      { destination: '/system', type: 'tmpfs' },
    ],
    annotations: { 'org.example': '1' },
    linux: {
      namespaces: [{ type: 'mount' }],
      cgroupsPath: '/x',
      seccomp: { defaultAction: 'SCMP_ACT_ALLOW' },
    },
    'x-vendor': { any: ['thing'] },
  };

  it('is not touched where nothing is asked for', () => {
    expect(adaptConfig(own, plain)).toEqual(own);
  });

  it('gets what is asked for, and is not changed in place', () => {
    const before = structuredClone(own);
    const adapted = adaptConfig(own, { userNamespace: true, criuConf: '/c', heartbeatDirectory: '/h' });
    expect(own).toEqual(before);
    expect(adapted).toEqual({
      ...own,
      process: { ...own.process, args: expect.arrayContaining(['/bin/sh', '/srv']) },
      mounts: [own.mounts[2], expect.objectContaining({ source: '/h' })],
      annotations: { 'org.example': '1', 'org.criu.config': '/c' },
      linux: {
        ...own.linux,
        namespaces: [{ type: 'mount' }, { type: 'user' }],
        uidMappings: identity,
        gidMappings: identity,
      },
    });
  });

  it('keeps a user namespace of its own, and /sys where the network is its own', () => {
    const mapped = {
      ...own,
      linux: { namespaces: [{ type: 'user' }], uidMappings: [{ containerID: 0, hostID: 100_000, size: 9 }] },
    };
    expect(adaptConfig(mapped, { ...plain, userNamespace: true })).toEqual(mapped);
    const networked = { ...own, linux: { namespaces: [{ type: 'network' }] } };
    expect(destinations(adaptConfig(networked, { ...plain, userNamespace: true }))).toEqual([
      '/sys',
      '/sys/fs/cgroup',
      '/system',
    ]);
  });

  it('keeps a criu.conf of its own, and is refused where the run needs another', () => {
    const annotated = { ...own, annotations: { 'org.criu.config': '/mine' } };
    expect(adaptConfig(annotated, plain)).toEqual(annotated);
    expect(refusal(() => adaptConfig(annotated, { ...plain, criuConf: '/run/c' }))).toBe(
      'config.json names a CRIU configuration of its own, /mine, and this run needs another',
    );
  });

  it.each([null, 3, 'text', [], {}])('is refused where it is none: %j', (value) => {
    expect(refusal(() => adaptConfig(value, plain))).toMatch(
      /^config\.json does not follow the OCI runtime specification:\n/,
    );
  });
});

describe('validateOci', () => {
  it('tells every fault with its place and its reason', () => {
    const config = {
      ociVersion: '2.0.0',
      process: { args: [], cwd: 'srv', env: ['NO_VALUE'], user: { uid: -1 } },
      root: { path: '' },
      mounts: [{ type: 'tmpfs' }, { destination: '/a', options: 'ro' }],
      annotations: { 'a/b': 1 },
      linux: { namespaces: [{ type: 'net' }], uidMappings: [{ containerID: 0, hostID: 0 }] },
    };
    expect(refusal(() => validateOci(config, 'my/config.json')).split('\n')).toEqual([
      'my/config.json does not follow the OCI runtime specification:',
      '  ociVersion: must match pattern "^1\\.\\d+\\.\\d+"',
      '  process.user.uid: must be >= 0',
      '  process.args: must NOT have fewer than 1 items',
      '  process.env[0]: must match pattern "^[^=]+="',
      '  process.cwd: must be an absolute path',
      '  root.path: must NOT have fewer than 1 characters',
      "  mounts[0]: must have required property 'destination'",
      '  mounts[1].options: must be array',
      '  annotations.a/b: must be string',
      '  linux.namespaces[0].type: must be equal to one of the allowed values: pid, network, mount, ipc, uts, user, cgroup, time',
      "  linux.uidMappings[0]: must have required property 'size'",
    ]);
  });

  it('shows twenty faults and counts the others', () => {
    const config = {
      ociVersion: '1.0.2',
      process: { args: ['a'], cwd: '/' },
      root: { path: 'rootfs' },
      mounts: Array.from({ length: 25 }, () => ({})),
    };
    const lines = refusal(() => validateOci(config)).split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([22, '  and 5 more']);
  });
});
