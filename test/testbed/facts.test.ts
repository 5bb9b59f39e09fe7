import { afterEach, expect, test } from 'vitest';
import { hostFacts, ownPackages } from '../../harness/testbed/facts.ts';
import { type FakeHost, fakeHost } from '../fake-host.ts';

let host: FakeHost;
afterEach(() => host.remove());

test('a Debian host answers by dpkg-query, and its rpm is not asked', async () => {
  host = fakeHost('rhel01', { 'dpkg-query': "printf 'criu\\t4.1.1-1\\nrunc\\t1.1.15+ds1-2+b4\\n'", rpm: '' });
  expect(await ownPackages(host)).toEqual(['criu\t4.1.1-1', 'runc\t1.1.15+ds1-2+b4']);
  expect(host.calls()).toEqual(['rhel01: dpkg-query -W runc crun criu']);
});

test('an RPM host answers by rpm; what is not installed is left out', async () => {
  const rpm = 'echo runc-1.2.4-1.el9.x86_64; echo package criu is not installed; exit 1';
  host = fakeHost('rhel01', { 'dpkg-query': 'echo "no packages found" >&2; exit 1', rpm });
  expect(await ownPackages(host)).toEqual(['runc-1.2.4-1.el9.x86_64']);
  expect(host.calls().at(-1)).toBe('rhel01: rpm -q runc crun criu');
});

test('where neither knows them there is none', async () => {
  const rpm = 'for i in runc criu; do echo "package $i is not installed"; done; exit 2';
  host = fakeHost('rhel01', { 'dpkg-query': "printf 'criu\\t\\n'; exit 1", rpm });
  expect(await ownPackages(host)).toBeNull();
});

test.each([
  ['2 × AMD EPYC', 'AMD EPYC\\nAMD EPYC\\n'],
  ['1 × Cortex-X1, 2 × Cortex-A55', 'Cortex-X1\\nCortex-A55\\nCortex-A55\\n'],
  ['unknown', ''],
])('tells %s of the processors', async (cpu, models) => {
  const sed = `case "$2" in *model*) printf '${models}';; *Cap*) echo 0;; *) echo '"Debian"';; esac`;
  host = fakeHost('rhel01', { uname: 'echo "6.1.0$1"', sed });
  const toolchain = {
    name: 'host',
    runtime: { name: 'runc', version: '1' } as const,
    criu: '1',
    digest: null,
    because: '',
  };
  expect(await hostFacts(host, toolchain, 'v2')).toMatchObject({
    kernel: '6.1.0-r',
    architecture: '6.1.0-m',
    cpu,
    distribution: 'Debian',
  });
});
