import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RECIPES } from '../../../harness/runtime/sources/recipes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-recipe-'));
  mkdirSync(join(folder, 'bin'));
  for (const tool of ['make', 'go']) {
    const file = join(folder, 'bin', tool);
    writeFileSync(file, `#!/bin/sh\necho ${tool} "$@" >>${folder}/called\n`);
    chmodSync(file, 0o755);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

test('runc with a vendor directory is built as its authors build it, from that and nothing else', async () => {
  mkdirSync(join(folder, 'sources/vendor'), { recursive: true });
  await execa('bash', ['-e', '-c', RECIPES.runc.script, 'build', '4', 'abc'], {
    cwd: join(folder, 'sources'),
    env: { PATH: `${folder}/bin:${process.env.PATH}` },
  });
  expect(readFileSync(join(folder, 'called'), 'utf8')).toBe(
    'make static COMMIT=abc EXTRA_FLAGS=-buildvcs=false\n',
  );
});
