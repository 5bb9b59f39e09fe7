import { expect, test } from 'vitest';
import type { Bundle } from '../harness/model.ts';
import { familyOf } from '../harness/prepare.ts';
import { parseScenario } from '../harness/scenario/load.ts';

test("the root is that of the hosts' packages, or the RPM one where there is no other", () => {
  const debian = '{ suite: bookworm, packages: [apache2] }';
  const rpm = '{ releasever: 9, packages: [httpd] }';
  const bundle = (root: string): Bundle =>
    parseScenario(`name: a\nwhy: b\nbundle: { root: { ${root} }, args: [/bin/a] }`, 'a.yaml').bundle;
  const both = bundle(`debian: ${debian}, rpm: ${rpm}`);
  expect(familyOf(both, 'debian')).toBe('debian');
  expect(familyOf(both, 'rpm')).toBe('rpm');
  expect(familyOf(bundle(`rpm: ${rpm}`), 'debian')).toBe('rpm');
  expect(familyOf(bundle('path: /srv/root'), 'debian')).toBe('debian');
  // Nothing to install from: an error that says so is better than a mmdebstrap that is not there.
  expect(familyOf(bundle(`debian: ${debian}`), 'rpm')).toBe('rpm');
});
