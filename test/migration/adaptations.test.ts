import { expect, test } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { adapt } from '../../harness/migration/adaptations.ts';
import type { ConnectionPolicy, Scenario } from '../../harness/model.ts';

const scenario = (
  userNamespace: 'auto' | 'always' | 'never',
  connections: ConnectionPolicy,
  { kind = 'stop-and-copy', testbed = 'netns' } = {},
): Scenario =>
  ({
    bundle: { userNamespace },
    migration: { connections, strategy: { kind } },
    testbed: { kind: testbed },
    runtime: 'runc',
    capture: [],
  }) as unknown as Scenario;
const whole = { missingCapabilities: [], runtimeVersions: ['1.3.6'] };
const lacking = { missingCapabilities: ['CAP_SYS_RESOURCE'], runtimeVersions: ['1.3.6'] };

test('a machine with all capabilities gets no user namespace', () => {
  expect(adapt(scenario('auto', 'refuse'), whole)).toMatchObject({ userNamespace: false, adaptations: [] });
});

test('without CAP_SYS_RESOURCE the container gets one, and the record says why', () => {
  const adapted = adapt(scenario('auto', 'refuse'), lacking);
  expect(adapted.userNamespace).toBe(true);
  expect(adapted.adaptations.map(({ why }) => why)).toEqual([
    'CAP_SYS_RESOURCE is missing here, and without it CRIU cannot read the limits of processes of other users',
  ]);
});

test('with crun it gets none, since CRIU could not dump what crun mounts in it', () => {
  const adapted = adapt({ ...scenario('auto', 'refuse'), runtime: 'crun' }, lacking);
  expect(adapted.userNamespace).toBe(false);
  expect(adapted.adaptations.map(({ what }) => what)).toEqual([
    'the container has no user namespace, so that all its processes must run as root',
  ]);
  expect(adapt({ ...scenario('always', 'refuse'), runtime: 'crun' }, lacking).userNamespace).toBe(true);
});

test.each(['post-copy', 'hybrid'] as const)(
  'with %s it gets none, since no lazy pages come into it',
  (kind) => {
    const adapted = adapt(scenario('auto', 'refuse', { kind }), lacking);
    expect(adapted.userNamespace).toBe(false);
    expect(adapted.adaptations.map(({ why }) => why)).toContain(
      'CAP_SYS_RESOURCE is missing here, and in a user namespace CRIU may not open the userfaultfd of lazy pages',
    );
    expect(adapt(scenario('always', 'refuse', { kind }), lacking).userNamespace).toBe(true);
  },
);

test('`never` is respected even where the capability is missing', () => {
  expect(adapt(scenario('never', 'established'), lacking)).toMatchObject({
    userNamespace: false,
    adaptations: [],
  });
});

test('established connections with a user namespace that is needed are refused before anything starts', () => {
  expect(() => adapt(scenario('auto', 'established'), lacking)).toThrow(UsageError);
});

test('the pipes of post-copy change settings of this machine, only where a capability is missing and the hosts are in it', () => {
  const lazy = scenario('never', 'refuse', { kind: 'post-copy' });
  expect(adapt(lazy, whole).settings).toEqual([]);
  const { settings, adaptations } = adapt(lazy, lacking);
  expect(settings.map(({ name }) => name)).toEqual(['fs.pipe-user-pages-soft', 'fs.pipe-max-size']);
  expect(adaptations.map(({ what }) => what)).toEqual([
    'while this run lasts: fs.pipe-user-pages-soft = 0, fs.pipe-max-size ≥ 16777216',
  ]);
  const elsewhere = scenario('never', 'refuse', { kind: 'post-copy', testbed: 'ssh' });
  expect(adapt(elsewhere, lacking)).toMatchObject({ settings: [], adaptations: [] });
});

test('what is captured is told, with that it disturbs the figures', () => {
  const asked: Scenario = { ...scenario('auto', 'refuse'), capture: ['packets', 'strace'] };
  expect(adapt(asked, whole).adaptations).toEqual([
    {
      what: 'of each migration is captured: packets, strace',
      why: 'it was asked for, and disturbs the figures of this run: do not compare them with others',
    },
  ]);
  expect(adapt({ ...asked, capture: ['images'] }, whole).adaptations).toEqual([
    {
      what: 'images of migrations that fail are kept in the run directory',
      why: 'it was asked for: they hold the memory of the container, with every secret in it',
    },
  ]);
});
