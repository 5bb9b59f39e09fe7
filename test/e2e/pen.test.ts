/** What the other files rely on when they count what there is, and run beside each other. */
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { inventory, lines, whyNotHere } from './machine.ts';

const why = whyNotHere();

// It leaves a process and a cgroup with another in it, as a run that was killed does.
const LITTER = `
at=$(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2; exit }' /proc/mounts)
mkdir "$at/thaw-litter" /run/thaw/litter
setsid sh -c 'echo 0 >"$1/cgroup.procs"; exec sleep 987654' sh "$at/thaw-litter" &
until grep -q . "$at/thaw-litter/cgroup.procs"; do sleep 0.05; done
ls "$at" | grep thaw-; ls /run/thaw; ps -eo comm= | grep -c sleep
`;

describe.skipIf(why !== null)(`a pen${why === null ? '' : ` (skipped: ${why})`}`, () => {
  const script = join(import.meta.dirname, 'pen.sh');
  /** The command in a pen: `ends` says whether the input of the pen is at its end. */
  const penned = async (ends: boolean, ...command: string[]) => {
    const inside = ['--pid', '--mount', '--fork', '--kill-child', '--mount-proc', '/bin/sh', script];
    const argv = [...inside, `pen-of-a-test-${process.pid}`, ...command];
    const { exitCode, stdout, stderr } = await execa('unshare', argv, { stdin: ends ? 'ignore' : 'pipe' });
    return { exitCode, stdout: stdout.split('\n'), stderr };
  };

  test('sees nothing of another, and what is in it goes with it', async () => {
    const before = inventory();
    for (let i = 0; i < 2; i++) {
      expect(await penned(false, '/bin/sh', '-c', LITTER)).toEqual({
        exitCode: 0,
        stdout: ['thaw-litter', 'litter', '1'],
        stderr: '',
      });
    }
    expect(inventory()).toEqual(before);
    expect(lines('find /sys/fs/cgroup -name "pen-of-a-test-*"')).toEqual([]);
  });

  test('ends when whoever made it has gone', async () => {
    expect((await penned(true, 'sleep', '987654')).exitCode).toBe(0);
  });
});
