import { describe, expect, test } from 'vitest';
import { installError } from '../../../harness/runtime/roots/install.ts';

const installed = { what: 'releasever 9', packages: ['htpd'], next: 'check the mirror' };

function told(stderr: string, status: number | null = 1) {
  return installError(installed, { status, stdout: '', stderr });
}

describe('what went wrong in an installation', () => {
  test("a package nobody has is the user's mistake", () => {
    expect(told('No match for argument: htpd\nError: Unable to find a match: htpd')).toMatchObject({
      message: 'no package htpd in releasever 9 (asked for: htpd)',
      exitCode: 64,
    });
  });

  test('a package manager that is missing is named', () => {
    expect(told('unshare: failed to execute dnf: No such file or directory', 127)).toMatchObject({
      message: expect.stringMatching(/^dnf is not installed on this machine/),
      exitCode: 2,
    });
  });

  test('packages that cannot be checked are not a riddle', () => {
    const said = 'You have enabled checking of packages via GPG keys. This is a good thing.\nusername: \n';
    expect(told(said)).toMatchObject({
      message: expect.stringContaining('no keys to check them with'),
      exitCode: 2,
    });
  });

  test('anything else is told in its own words', () => {
    expect(told("Error: Failed to download metadata for repo 'thaw0'")).toMatchObject({
      message: expect.stringContaining("Failed to download metadata for repo 'thaw0'"),
      next: 'check the mirror',
      exitCode: 2,
    });
  });
});
