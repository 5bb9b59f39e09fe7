import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { loadScenario, parseScenario } from '../../harness/scenario/load.ts';
import { applyOverrides } from '../../harness/scenario/overrides.ts';
import { golden, read } from './golden.ts';
import { minimal } from './refusal.ts';

const next = 'name a YAML file, such as scenarios/httpd.yaml';

describe('the shipped scenarios', () => {
  it.each(['classic', 'httpd', 'nginx-established', 'counter', 'redis'])(
    '%s.yaml is understood as a whole',
    (name) => {
      const scenario = parseScenario(read(`scenarios/${name}.yaml`), `/scenarios/${name}.yaml`);
      const text = `${JSON.stringify(scenario, null, 2)}\n`;
      expect(text).toBe(golden(`${name}.json`, text));
    },
  );
});

describe('a scenario file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'thaw-scenario-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, bytes: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const refused = (path: string, why: string): Promise<void> =>
    expect(loadScenario(path)).rejects.toEqual(
      new UsageError(`the scenario ${path} cannot be read: ${why}`, next),
    );

  it('is read with its text, and paths in it are relative to it', async () => {
    const text = 'name: x\nbundle: {from: ./mine}\n';
    const { scenario, text: kept } = await loadScenario(write('x.yaml', text));
    expect([kept, scenario.bundle]).toEqual([
      text,
      {
        kind: 'existing',
        name: 'x',
        path: join(folder, 'mine'),
        userNamespace: 'auto',
        heartbeat: false,
        hostFiles: [],
      },
    ]);
  });

  it('may begin with a byte order mark, which moves no column', async () => {
    await expect(loadScenario(write('bom.yaml', '\ufeffname: X'))).rejects.toThrow(/bom\.yaml:1:7: /);
  });

  it('that is a directory is refused', () => refused(folder, 'it is a directory'));
  it('that is missing is refused', () => refused(join(folder, 'none.yaml'), 'there is no such file'));
  it('that is larger than 1 MiB is refused unread', () =>
    refused(write('large.yaml', '#'.repeat(2 * 1024 * 1024)), 'it is larger than 1 MiB'));
  it('that holds a NUL is refused', () =>
    refused(write('nul.yaml', 'name: "a\0"'), 'it is not text (UTF-8)'));
  it('that is not UTF-8 is refused', () =>
    refused(write('binary.yaml', Uint8Array.of(0x7f, 0x45, 0xff, 0xfe)), 'it is not text (UTF-8)'));
  it.skipIf(process.platform === 'win32')('that is a FIFO is refused without waiting for a writer', () => {
    const path = join(folder, 'fifo.yaml');
    execFileSync('mkfifo', [path]);
    return refused(path, 'it is not a regular file');
  });
});

describe('the command line', () => {
  const scenario = parseScenario(minimal('toolchain: {rhel02: host}\n'), '/x.yaml');

  it('changes what it names, and nothing else', () => {
    const toolchain = { rhel01: 'debian:forky' };
    expect(applyOverrides(scenario, { count: 3, warmUp: 0, rate: 7, seed: 9, toolchain })).toEqual({
      ...scenario,
      seed: 9,
      migration: { ...scenario.migration, count: 3, warmUp: 0 },
      probe: { ...scenario.probe, ratePerSecond: 7 },
      toolchain: { rhel01: 'debian:forky', rhel02: 'host' },
    });
  });

  it('that names nothing changes nothing', () => {
    expect(applyOverrides(scenario, {})).toEqual(scenario);
  });

  it('sets one toolchain for all hosts', () => {
    expect(applyOverrides(scenario, { toolchain: 'host' }).toolchain).toEqual({
      rhel01: 'host',
      rhel02: 'host',
    });
  });

  it.each([
    [{ count: 0 }, '--count must be a whole number from 1 to 100000, not 0'],
    [{ count: 1.5 }, '--count must be a whole number from 1 to 100000, not 1.5'],
    [{ warmUp: -1 }, '--warm-up must be a whole number from 0 to 1000, not -1'],
    [{ rate: 1_000_000 }, '--rate must be a whole number from 1 to 20000, not 1000000'],
    [{ seed: Number.NaN }, '--seed must be a whole number from 0 to 4294967295, not NaN'],
    [{ toolchain: 'trixie' }, '--toolchain: trixie is no toolchain; did you mean `debian:trixie`?'],
    [{ toolchain: 'auot' }, '--toolchain: auot is no toolchain; did you mean `auto`?'],
    [
      { toolchain: { rhel3: 'auto' } },
      '--toolchain: rhel3 is not in the path of this scenario; did you mean `rhel01`?',
    ],
  ])('with %j is refused', (overrides, message) => {
    expect(() => applyOverrides(scenario, overrides)).toThrow(expect.objectContaining({ message }));
    expect(() => applyOverrides(scenario, overrides)).toThrow(UsageError);
  });
});
