import { expect, test } from 'vitest';
import { CONFINED } from '../../../harness/runtime/roots/install.ts';
import { databaseOf, initArgv, installArgv, type RpmRecipe } from '../../../harness/runtime/roots/rpm.ts';

const recipe: RpmRecipe = { kind: 'rpm', releasever: '9', packages: ['httpd'], repositories: [], files: [] };
const KEYS = ['/etc/pki/rpm-gpg/KEY a', '/etc/pki/rpm-gpg/KEY-b'];

test('the classic commands: an empty database, then dnf with an install root and a release', () => {
  expect(initArgv('/cache/root', '/var/lib/rpm').join(' ')).toBe(
    'rpm --root /cache/root --dbpath /var/lib/rpm --initdb',
  );
  expect(installArgv('/cache/root', recipe, KEYS)).toEqual([
    ...CONFINED,
    'dnf',
    '--assumeyes',
    '--installroot=/cache/root',
    '--releasever=9',
    '--setopt=install_weak_deps=False',
    '--setopt=tsflags=nodocs',
    'install',
    'httpd',
  ]);
});

test('only the repositories that are named; files of this machine need no signature', () => {
  const repositories = ['file:///srv/packages', 'https://mirror.example/9'];
  const argv = installArgv('/cache/root', { ...recipe, repositories }, KEYS);
  expect(argv.filter((word) => word.includes('thaw'))).toEqual([
    '--repofrompath=thaw0,file:///srv/packages',
    '--repo=thaw0',
    '--setopt=thaw0.skip_if_unavailable=False',
    '--setopt=thaw0.gpgcheck=False',
    '--repofrompath=thaw1,https://mirror.example/9',
    '--repo=thaw1',
    '--setopt=thaw1.skip_if_unavailable=False',
    '--setopt=thaw1.gpgkey=file:///etc/pki/rpm-gpg/KEY%20a,file:///etc/pki/rpm-gpg/KEY-b',
  ]);
});

test('without keys the check of signatures stays as this machine has it', () => {
  const argv = installArgv('/cache/root', { ...recipe, repositories: ['https://mirror.example/9'] }, []);
  expect(argv.filter((word) => word.includes('gpg'))).toEqual([]);
});

test("the database lies where the host's distribution has it, never in somebody's home", () => {
  expect(databaseOf('/usr/lib/sysimage/rpm\n')).toBe('/usr/lib/sysimage/rpm');
  expect(databaseOf('/var/lib/rpm\n')).toBe('/var/lib/rpm');
  expect(databaseOf('/root/.rpmdb\n')).toBe('/var/lib/rpm');
  expect(databaseOf('')).toBe('/var/lib/rpm');
});
