import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownDirectory } from '../../harness/host/own-directory.ts';
import { putArgv } from '../../harness/host/put.ts';
import { startArgv } from '../../harness/runtime/container.ts';
import { insideOf } from '../../harness/runtime/roots/inside.ts';
import { toolchainRoot } from '../../harness/runtime/toolchain.ts';
import { takeLease } from '../../harness/testbed/netns/lease.ts';
import { refusal, scratch } from '../store/fixture.ts';

let place: ReturnType<typeof scratch>;
let at: (name: string) => string;
beforeEach(() => {
  place = scratch();
  at = (name) => join(place.directory, name);
});
afterEach(() => place.clean());

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

describe('what root goes by lies where nobody else can write', () => {
  it('is made with mode 755, whatever the umask', () => {
    const before = process.umask(0);
    try {
      ownDirectory(at('cache'));
      const lease = takeLease(at('state'));
      expect([at('cache'), at('state'), lease.directory].map((path) => statSync(path).mode & 0o777)).toEqual([
        0o755, 0o755, 0o755,
      ]);
    } finally {
      process.umask(before);
    }
  });

  it('is refused where others may write to it, and the lease is not taken', async () => {
    mkdirSync(at('state'));
    chmodSync(at('state'), 0o777);
    const [code, message] = await refusal(() => takeLease(at('state')));
    expect([code, message]).toEqual([
      2,
      `${at('state')} is not safe: others may write to it, by its mode 777, and what lies there is used as root`,
    ]);
    expect(readdirSync(at('state'))).toEqual([]);
  });

  it.skipIf(!isRoot)('is refused where another user made it first, as a directory or as a link', async () => {
    mkdirSync(at('state'));
    chownSync(at('state'), NOBODY, NOBODY);
    expect((await refusal(() => ownDirectory(at('state'))))[1]).toContain('it belongs to user 65534');
    mkdirSync(at('good'));
    symlinkSync(at('good'), at('link'));
    execFileSync('chown', ['-h', 'nobody', at('link')]);
    expect((await refusal(() => ownDirectory(at('link'))))[1]).toContain('it belongs to user 65534');
  });

  it('is made by the program with a umask of its own', () => {
    const main = readFileSync(new URL('../../harness/main.ts', import.meta.url), 'utf8');
    expect(main).toContain('process.umask(0o022);');
  });
});

describe('names on a host that another user could guess', () => {
  it('are not used for a file that is put: a link in wait is not written through', () => {
    writeFileSync(at('victim'), 'safe');
    symlinkSync(at('victim'), at('index.html.thaw-new'));
    const [file = '', ...args] = putArgv(at('index.html'), 0o640);
    execFileSync(file, args, { input: 'rhel01' });
    expect(readFileSync(at('index.html'), 'utf8')).toBe('rhel01');
    expect(statSync(at('index.html')).mode & 0o777).toBe(0o640);
    expect(readFileSync(at('victim'), 'utf8')).toBe('safe');
    expect(readdirSync(place.directory).sort()).toEqual(['index.html', 'index.html.thaw-new', 'victim']);
  });

  it('leave nothing where the content cannot be put in its place', () => {
    mkdirSync(at('taken/x'), { recursive: true });
    const [file = '', ...args] = putArgv(at('missing/x'), 0o640);
    expect(() => execFileSync(file, args, { input: '', stdio: 'pipe' })).toThrow();
    expect(readdirSync(place.directory)).toEqual(['taken']);
  });

  it('are not used for the log of a container that starts', () => {
    const argv = startArgv({ runtime: 'runc', id: 'web' });
    expect(argv.join(' ')).not.toContain('/tmp/');
    expect(argv.join(' ')).toContain('mktemp');
  });
});

describe('a path in a root file system', () => {
  it.each([
    ['/etc/passwd', '/etc/passwd'],
    ['/var/run/x', '/run/x'],
    ['/up/etc/shadow', '/etc/shadow'],
    ['/chain/y', '/run/y'],
    ['/new/folder/file', '/new/folder/file'],
  ])('%s lies at %s of it, and never out of it', async (path, where) => {
    mkdirSync(at('root/var'), { recursive: true });
    symlinkSync('/run', at('root/var/run'));
    symlinkSync('../../../../../../..', at('root/up'));
    symlinkSync('var/run', at('root/chain'));
    expect(await insideOf(at('root'), path)).toBe(join(at('root'), where));
  });

  it('that leads in circles is refused', async () => {
    mkdirSync(at('root'));
    symlinkSync('b', at('root/a'));
    symlinkSync('a', at('root/b'));
    expect((await refusal(() => insideOf(at('root'), '/a/x')))[1]).toContain('leads in circles');
  });
});

it.each(['/x,upperdir=/etc', '/x:/etc', '/x\\,y'])(
  'the root %s of a toolchain cannot add to the options of a mount',
  async (path) => {
    const context = { cache: at('cache'), announce: () => {}, signal: new AbortController().signal };
    const [code, message] = await refusal(() => toolchainRoot(`path:${path}`, context));
    expect([code, message]).toEqual([
      64,
      `the root ${path} of a toolchain has a colon, a comma or a backslash in its path`,
    ]);
  },
);
