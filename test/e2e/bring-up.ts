/** Brings a testbed up and stays: killed by the test at some instant. */

import { startClock } from '../../harness/clock.ts';
import type { ToolchainFacts } from '../../harness/model.ts';
import { openScope } from '../../harness/scope.ts';
import { netnsUp } from '../../harness/testbed/netns/up.ts';

process.stdout.write('begun\n');
const toolchain: ToolchainFacts = {
  name: 'host',
  runtime: { name: 'runc', version: '' },
  criu: '',
  digest: null,
  because: '',
};
const service = { name: 'rhel0x', address: '172.30.77.10', prefixLength: 24, port: 80 };
await netnsUp(
  {
    plan: { kind: 'netns', cgroup: 'machine', shareMiB: 64 },
    service,
    hosts: ['rhel01', 'rhel02'].map((name) => ({ name, toolchain, root: '/' })),
    shared: [],
    settings: [],
    clock: startClock(),
    transcript: { record: () => {}, close: async () => {} },
  },
  openScope(),
);
setTimeout(() => {}, 60_000);
