import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keysIn } from '../../../harness/testbed/remote/target.ts';

let place: string;
let keys: string[];
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-keys-'));
  keys = ['a', 'b'].map((name) => {
    const file = join(place, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'x', '-f', file]);
    return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  });
});
afterAll(() => rmSync(place, { recursive: true }));

/** What ssh-keygen says of a host in a known_hosts file. */
function told(...lines: string[]): string {
  const file = join(place, 'known_hosts');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return execFileSync('ssh-keygen', ['-F', '[10.0.0.1]:2222', '-f', file], { encoding: 'utf8' });
}

describe('the keys of a host', () => {
  it('are those of its lines, each once', () => {
    const [a = '', b = ''] = keys;
    const hosts = '[10.0.0.1]:2222';
    expect(keysIn(told(`${hosts} ${a}`, `${hosts},other ${b} comment`, `${hosts} ${a}`))).toEqual([a, b]);
  });

  it.each(['[10.0.0.1]:2222', '*'])('are without those that were revoked for %s', (pattern) => {
    const [a = '', b = ''] = keys;
    const known = [`[10.0.0.1]:2222 ${a}`, `[10.0.0.1]:2222 ${b}`];
    expect(keysIn(told(...known, `@revoked ${pattern} ${a}`))).toEqual([b]);
    expect(keysIn(told(`@revoked ${pattern} ${a}`, ...known))).toEqual([b]);
  });

  it('are none of authorities', () => {
    expect(keysIn(told(`@cert-authority * ${keys[0]}`))).toEqual([]);
  });
});
