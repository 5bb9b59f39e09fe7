import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClock } from '../../../harness/clock.ts';
import { deferredTranscript } from '../../../harness/host/transcript.ts';
import { noProgress } from '../../../harness/report/progress.ts';
import { manageTestbed } from '../../../harness/testbed/manage.ts';
import { examineHosts } from '../../../harness/testbed/remote/doctor.ts';
import { type Machine, parseInventory } from '../../../harness/testbed/remote/inventory.ts';
import { noSshd, type Sshd, startSshd } from '../../host/sshd.ts';

describe.skipIf(noSshd !== null)(`hosts over SSH${noSshd === null ? '' : ` (skipped: ${noSshd})`}`, () => {
  let sshd: Sshd;
  let machine: Machine;
  beforeAll(async () => {
    sshd = await startSshd();
    const key = join(sshd.directory, 'user');
    const [hostKey = ''] = sshd.target.hostKeys;
    const { address, port, user } = sshd.target;
    machine = { address, port, user, key, 'host-key': hostKey, sudo: false };
  });
  afterAll(() => sshd.remove());

  const inventory = (hosts: Record<string, Machine>) => parseInventory(JSON.stringify({ hosts }), 'lab.yaml');

  it('doctor tells what each lacks, goes on after one that is not reached, and leaves nothing', {
    timeout: 60_000,
  }, async () => {
    const other = { ...machine, 'host-key': `ssh-ed25519 ${Buffer.alloc(51, 1).toString('base64')}` };
    const context = { clock: startClock(), transcript: deferredTranscript() };
    const findings = await examineHosts(
      { inventory: inventory({ a: machine, b: other }), enter: [] },
      context,
    );
    const of = (what: string) => findings.find((finding) => finding.what === what);
    expect(of('a ssh')).toMatchObject({ state: 'ok', next: null });
    expect(of('a kernel')).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(/^Linux \S+ \S+, cgroup /),
    });
    expect(of('a clock')?.found).toMatch(
      /^known to ±\d+\.\d\d ms; its wall clock is -?0\.0\d s from this machine's$/,
    );
    expect(of('a share')).toMatchObject({ state: 'warning', found: 'nothing is mounted at /runc' });
    expect(of('b ssh')).toMatchObject({ state: 'problem', found: expect.stringContaining('host key') });
    expect(findings.filter(({ what }) => what.startsWith('b ')).map(({ what }) => what)).toEqual(['b ssh']);
    for (const { state, next } of findings) expect(state === 'ok').toBe(next === null);
  });

  it('status tells which are up, and why others are not', async () => {
    const file = join(sshd.directory, 'lab.yaml');
    const gone = { ...machine, port: 1 };
    writeFileSync(file, JSON.stringify({ hosts: { a: machine, b: gone } }));
    const signal = new AbortController().signal;
    const states = await manageTestbed('status', { testbed: `ssh:${file}`, progress: noProgress(), signal });
    expect(states).toEqual([
      { name: 'a', up: true, found: expect.stringMatching(/^runc \S+, CRIU \S+$/) },
      { name: 'b', up: false, found: expect.stringContaining('127.0.0.1:1') },
    ]);
  });

  it('machines of an inventory are not put away, and a testbed that lives for a run has no state', async () => {
    const setting = { progress: noProgress(), signal: new AbortController().signal };
    await expect(manageTestbed('down', { testbed: 'ssh:lab.yaml', ...setting })).rejects.toThrow(
      'the machines of an inventory are not ours to put away',
    );
    await expect(manageTestbed('status', { testbed: 'netns', ...setting })).rejects.toThrow(
      'the namespace testbed lives only as long as a run',
    );
  });
});
