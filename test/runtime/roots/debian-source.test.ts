import { expect, test } from 'vitest';
import { mirrorIn, unknownSuite } from '../../../harness/runtime/roots/debian-source.ts';

test("the mirror is that of Debian's main archive, not of updates by others", () => {
  const targets = [
    'http://security.example/debian-security/|Debian|Debian-Security|main',
    'http://other.example/apt/|Other|Other|main',
    'http://mirror.example/debian/|Debian|Debian|main',
  ];
  expect(mirrorIn(targets.join('\n'))).toBe('http://mirror.example/debian/');
});

test('without a Debian mirror there is none', () => {
  expect(mirrorIn('http://archive.example/ubuntu/|Ubuntu|Ubuntu|main\n')).toBeNull();
});

test('a suite that the mirror does not have is told with the nearest that Debian has', () => {
  const said = 'Err:1 http://mirror.example/debian forkky Release\n  404  Not Found [IP: 192.0.2.1 80]';
  expect(unknownSuite('forkky', said)).toMatchObject({
    message: 'the Debian mirror of this machine has no suite forkky; did you mean `forky`?',
    exitCode: 64,
  });
  // A mirror that lacks for a moment what Debian has, and other failures, are not the user's mistake.
  expect(unknownSuite('forky', said)).toBeNull();
  expect(unknownSuite('forkky', 'Could not resolve host')).toBeNull();
});
