import { expect, test } from 'vitest';
import { decideConnections } from '../../harness/migration/connections.ts';

test('auto carries connections over where nothing stands against it', () => {
  expect(
    decideConnections('auto', { userNamespace: false, runtime: 'runc', runtimeVersions: ['1.3.6'] }),
  ).toEqual({
    policy: 'established',
    checkpointFlags: ['--tcp-established', '--tcp-skip-in-flight'],
    restoreFlags: ['--tcp-established'],
    criuConf: [],
    why: 'nothing here stands against carrying connections over',
  });
});

test('auto closes connections in a user namespace, and says why', () => {
  const decided = decideConnections('auto', {
    userNamespace: true,
    runtime: 'runc',
    runtimeVersions: ['1.3.6'],
  });
  expect({ policy: decided.policy, criuConf: decided.criuConf, flags: decided.checkpointFlags }).toEqual({
    policy: 'close',
    criuConf: ['tcp-close'],
    flags: ['--tcp-skip-in-flight'],
  });
  expect(decided.why).toContain('user namespace');
});

test('a runc before 1.3 on either side has no flag for half-open connections, so CRIU is told itself', () => {
  const decided = decideConnections('established', {
    userNamespace: false,
    runtime: 'runc',
    runtimeVersions: ['1.3.6', '1.1.5+ds1'],
  });
  expect(decided).toMatchObject({ checkpointFlags: ['--tcp-established'], criuConf: ['skip-in-flight'] });
});

test('refuse is the classic procedure: no flag at all', () => {
  expect(
    decideConnections('refuse', { userNamespace: true, runtime: 'runc', runtimeVersions: ['1.3.6'] }),
  ).toEqual({
    policy: 'refuse',
    checkpointFlags: [],
    restoreFlags: [],
    criuConf: [],
    why: null,
  });
});
