import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  optional?: boolean;
  dev?: boolean;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const lock = read('package-lock.json') as { packages: Record<string, Locked> };
const own = read('package.json') as Record<'dependencies' | 'devDependencies', Record<string, string>>;
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

/** Packages that run something when they are installed, each with its reason; docs/security.md tells the same. */
const INSTALL_SCRIPTS: Record<string, string> = {
  'node_modules/ssh2': 'builds its optional cipher binding; without it, ciphers of Node are used',
  'node_modules/cpu-features': 'optional part of ssh2: tells which cipher is quick on this processor',
  'node_modules/esbuild': 'development only, of tsx and vitest: checks its binary',
  'node_modules/fsevents': 'development only, of macOS',
};

describe('packages', () => {
  it('are named by exact versions', () => {
    const versions = Object.values({ ...own.dependencies, ...own.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(versions.length).toBeGreaterThan(20);
  });

  it('are each locked with the hash of their content, a sha512', () => {
    const without = packages.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'));
    expect(without.map(([path]) => path)).toEqual([]);
    expect(packages.length).toBeGreaterThan(100);
  });

  it('run nothing when they are installed, but for those whose reason is known', () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    expect(
      scripted.filter((path) => !Object.keys(INSTALL_SCRIPTS).some((known) => path.endsWith(known))),
    ).toEqual([]);
  });
});
