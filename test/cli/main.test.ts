import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program as a user starts it. */
async function thaw(...argv: string[]) {
  const { stdout, stderr, exitCode } = await execa('node', ['--import', 'tsx', 'harness/main.ts', ...argv], {
    cwd: root,
    reject: false,
    timeout: 60_000,
    extendEnv: true,
    env: { NO_COLOR: '1', FORCE_COLOR: undefined },
    stripFinalNewline: false,
  });
  return { stdout, stderr, exitCode };
}

describe('the program', () => {
  it.each([
    ['thaw', ['--help']],
    ['thaw', ['help']],
    ['run', ['run', '--help']],
    ['run', ['help', 'run']],
    ['report', ['report', '--help']],
    ['compare', ['compare', '--help']],
    ['trend', ['trend', '--help']],
    ['explain', ['explain', '--help']],
    ['repro', ['repro', '--help']],
    ['bisect', ['bisect', '--help']],
    ['sweep', ['sweep', '--help']],
    ['plan', ['plan', '--help']],
    ['suite', ['suite', '--help']],
    ['merge', ['merge', '--help']],
    ['calibrate', ['calibrate', '--help']],
    ['doctor', ['doctor', '-h']],
    ['clean', ['clean', '--help']],
    ['toolchains', ['toolchains', '--help']],
    ['toolchains-remove', ['toolchains', 'remove', '--help']],
    ['testbed', ['testbed', '--help']],
    ['testbed-up', ['testbed', 'up', '--help']],
  ])('shows the help of %s with %j', async (name, argv) => {
    const { stdout, stderr, exitCode } = await thaw(...argv);
    expect([stderr, exitCode]).toEqual(['', 0]);
    await expect(stdout).toMatchFileSnapshot(`../golden/report/help-${name}.txt`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string };
    expect(await thaw('--version')).toEqual({ stdout: `${version}\n`, stderr: '', exitCode: 0 });
  });

  it.each([
    [['rnu'], "thaw: unknown command 'rnu'\nnext: did you mean run? See thaw --help\n"],
    [
      ['run', 'x.yaml', '--cuont', '1'],
      "thaw: unknown option '--cuont'\nnext: did you mean --count? See thaw run --help\n",
    ],
  ])('refuses %j with 64', async (argv, stderr) => {
    expect(await thaw(...argv)).toEqual({ stdout: '', stderr, exitCode: 64 });
  });

  it('is quiet where the reader of its output has gone', async () => {
    const { stderr } = await execa('sh', ['-c', 'node --import tsx harness/main.ts --help | head -c 1'], {
      cwd: root,
      reject: false,
      timeout: 60_000,
    });
    expect(stderr).toBe('');
  });
});
