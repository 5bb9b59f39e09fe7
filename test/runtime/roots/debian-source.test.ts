import { expect, test } from 'vitest';
import { mirrorIn } from '../../../harness/runtime/roots/debian-source.ts';

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
