import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSource, sourceText } from '../../../harness/runtime/sources/source.ts';
import { toolchainName } from '../../../harness/scenario/leaves.ts';

const SHA = 'ab'.repeat(32);

describe('a source of a binary', () => {
  test.each([
    ['host', { kind: 'host' }],
    ['debian:trixie', { kind: 'debian', suite: 'trixie' }],
    ['/src/criu/criu/criu', { kind: 'file', path: '/src/criu/criu/criu', sha256: null }],
    [`/runc.amd64#sha256=${SHA}`, { kind: 'file', path: '/runc.amd64', sha256: SHA }],
    [`https://h/a/runc.amd64#sha256=${SHA}`, { kind: 'url', url: 'https://h/a/runc.amd64', sha256: SHA }],
    ['git:/src/criu@v4.1', { kind: 'git', repository: '/src/criu', revision: 'v4.1' }],
    ['git:/src/a@b/criu@HEAD~3', { kind: 'git', repository: '/src/a@b/criu', revision: 'HEAD~3' }],
    [
      'git:https://h/criu.git@topic/x',
      { kind: 'git', repository: 'https://h/criu.git', revision: 'topic/x' },
    ],
    ['git:git@h:c/criu.git@v4.1', { kind: 'git', repository: 'git@h:c/criu.git', revision: 'v4.1' }],
  ])('%s', (text, source) => {
    expect(parseSource(text)).toEqual(source);
    expect(sourceText(parseSource(text))).toBe(text);
    // What the command line takes, a scenario takes too.
    expect(toolchainName.parse(`auto+criu=${text}`)).toBe(`auto+criu=${text}`);
  });

  test('relative paths become absolute, and a checksum is written small', () => {
    expect(parseSource('./runc')).toEqual({ kind: 'file', path: resolve('runc'), sha256: null });
    expect(sourceText(parseSource('git:../criu@v4.1'))).toBe(`git:${resolve('../criu')}@v4.1`);
    const file = `file:///r%20c#sha256=${SHA.toUpperCase()}`;
    expect(parseSource(file)).toEqual({ kind: 'file', path: '/r c', sha256: SHA });
  });
});

describe('what is none is refused, with what to write instead', () => {
  test.each([
    [
      'https://h/runc',
      'https://h/runc has no checksum, and nothing is taken from elsewhere without one',
      /#sha256=HEX/,
    ],
    ['https://h/runc#sha256=abc', /checksum .* is not 64 hexadecimal digits, but 3 characters/, /sha256sum/],
    [`ftp://h/runc#sha256=${SHA}`, /is no source of a binary/, /git:REPOSITORY@REVISION/],
    ['debian:', /is no source of a binary/, /debian:SUITE/],
    ['git:/src/criu', 'git:/src/criu has no revision', 'put it after an @: git:/src/criu@v4.1'],
    ['git:git@h:c/criu.git', /has no revision/, /put it after an @/],
    ['git:--upload-pack=x@v1', /cannot begin with -/, undefined],
    ['git:/src/criu@--output=x', /cannot begin with -/, undefined],
    [
      'git:https://me:secret@h/criu.git@v1',
      /^git:https:\/\/me:…@h\/criu\.git@v1 has a password/,
      /credential/,
    ],
    [`https://me:secret@h/runc#sha256=${SHA}`, /^https:\/\/me:…@h\/runc.* has a password/, /leave it out/],
    ['git:ext::sh -c x@v1', /git does not fetch ext::sh/, /https:/],
  ])('%s', (text, message, next) => {
    const told = {
      message: matching(message),
      exitCode: 64,
      ...(next === undefined ? {} : { next: matching(next) }),
    };
    expect(() => parseSource(text)).toThrow(expect.objectContaining(told));
  });
});

function matching(text: string | RegExp): unknown {
  return typeof text === 'string' ? text : expect.stringMatching(text);
}
