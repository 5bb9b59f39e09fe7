/** Brings a testbed up and stays: killed by the test at some instant. With `hang` its share hangs before it says so. */

import { startClock } from '../../harness/clock.ts';
import type { ToolchainFacts } from '../../harness/model.ts';
import { openScope } from '../../harness/scope.ts';
import { netnsUp } from '../../harness/testbed/netns/up.ts';

const hangs = process.argv[2] === 'hang';
if (!hangs) process.stdout.write('begun\n');
const toolchain: ToolchainFacts = {
  name: 'host',
  runtime: { name: 'runc', version: '' },
  criu: '',
  digest: null,
  because: '',
};
const service = { name: 'rhel0x', address: '172.30.77.10', prefixLength: 24, port: 80 };
const testbed = await netnsUp(
  {
    plan: { kind: 'netns', cgroup: 'machine', shareMiB: 64 },
    shareOn: hangs ? 'disk' : 'memory',
    service,
    hosts: ['rhel01', 'rhel02'].map((name) => ({ name, toolchain, root: '/' })),
    shared: [],
    settings: [],
    clock: startClock(),
    transcript: { record: () => {}, close: async () => {} },
  },
  openScope(),
);
if (hangs) {
  const hang = await testbed.disturb('hang', 'rhel01');
  if ('unable' in hang) throw new Error(hang.unable);
  await hang.begin();
  process.stdout.write('hangs\n');
}
setTimeout(() => {}, 60_000);
