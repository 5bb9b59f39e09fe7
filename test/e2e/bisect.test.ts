import { release } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BisectResult } from '../../harness/analysis/bisect/result.ts';
import { repository } from '../runtime/sources/repository.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { scratch, start, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

const SHORT = ['--scenario', 'scenarios/httpd.yaml', '--count', '1', '--warm-up', '0', '--no-limits'];

/** A CRIU that is built in no time: the one of the host's root, which serves runc or refuses to. */
function wrapper(serves: boolean): string {
  return `#!/bin/sh\n${serves ? '' : 'if [ "$1" = swrk ]; then exit 1; fi\n'}exec /usr/sbin/criu "$@"\n`;
}
const MAKEFILE = 'criu:\n\tmkdir -p criu && install -m 755 wrapper criu/criu\n.PHONY: criu\n';

function historyIn(path: string) {
  const made = repository(path);
  const commits = [true, true, null, false, false].map((serves, i) =>
    made.commit({
      number: `${i}`,
      Makefile: serves === null ? 'criu:\n\tfalse\n' : MAKEFILE,
      ...(serves === null ? {} : { wrapper: wrapper(serves) }),
    }),
  );
  return { path, commits };
}

describe.skipIf(why !== null)(`a bisection${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('of the released versions finds the first that can migrate on this kernel', async () => {
    const before = inventory();
    const ends = ['--bad', 'debian:bookworm', '--good', 'debian:forky'];
    const limits = ['--runs', '4', '--reports', place.path, '--json'];
    const { stdout } = await thaw('bisect', ...ends, ...SHORT, ...limits);
    const result = JSON.parse(stdout) as BisectResult;
    const [major = 0, minor = 0] = release().split('.').map(Number);
    // CRIU to 4.1.1 cannot dump a socket from Linux 6.16 on; before that there is nothing to be found.
    const affected = major > 6 || (major === 6 && minor >= 16);
    expect([result.state, result.suspects[0]?.name]).toEqual(
      affected ? ['found', 'debian:forky'] : ['runs', expect.any(String)],
    );
    if (affected) {
      expect(result.before?.trial).toMatchObject({
        state: 'fail',
        symptoms: [expect.stringMatching(/^dump/)],
      });
      expect(result.after?.trial).toMatchObject({ state: 'pass', run: expect.any(String) });
    }
    expect(await settledInventory(before)).toEqual(before);
  });

  test('of commits is interrupted and taken up again, and tells what one that does not build leaves open', async () => {
    const before = inventory();
    const { path, commits } = historyIn(join(place.path, 'criu'));
    const [oldest = ''] = commits;
    const source = ['--repository', path, '--part', 'criu', '--good', oldest, '--bad', 'HEAD'];
    const { child, ended } = start(['bisect', ...source, ...SHORT, '--reports', place.path]);
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      if (said.includes('run 2,')) child.kill('SIGINT');
    });
    const { status, stdout } = await ended;
    expect([status, stdout]).toEqual([130, expect.stringContaining('NOT AT ITS END')]);
    const directory = /--resume (\S+)/.exec(stdout)?.[1] ?? '';
    const again = await thaw('bisect', '--resume', directory, '--json', '--quiet');
    const result = JSON.parse(again.stdout) as BisectResult;
    expect([again.status, result.state]).toEqual([2, 'skips']);
    expect(result.suspects.map(({ index }) => index)).toEqual([2, 3]);
    expect(result.suspects[0]).toMatchObject({ unbuildable: expect.stringContaining('does not build') });
    expect(result.before?.version.name).toBe(commits[1]?.slice(0, 12));
    expect(result.after?.trial.symptoms).toEqual([expect.stringMatching(/^dump failed/)]);
    expect(await settledInventory(before)).toEqual(before);
  });
});
