import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../harness/errors.ts';
import { quoted } from '../../harness/host/ssh-host.ts';
import { checkpointArgv, deleteArgv, restoreArgv } from '../../harness/runtime/commands.ts';
import { startArgv } from '../../harness/runtime/container.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { scenarioSchema } from '../../harness/scenario/schema.ts';
import { shellArgv } from '../../harness/testbed/remote/target.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-hostile-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Each would make a file `ran` if any of it were read as shell. */
const HOSTILE = (ran: string) => [
  `$(touch ${ran})`,
  `\`touch ${ran}\``,
  `'; touch ${ran}; '`,
  `"; touch ${ran}; "`,
  `x; touch ${ran} #`,
  `x\ntouch ${ran}\n`,
  `x | touch ${ran}`,
  `-o ProxyCommand=touch ${ran}`,
  `\${IFS}&&touch\${IFS}${ran}`,
  `../../../../etc/passwd`,
  `--rcfile=${ran}`,
];

/** Paths to all places of a scenario that take text, by its JSON Schema. */
function textPlaces(schema: unknown, path: (string | number)[] = []): (string | number)[][] {
  const { type, properties, items, anyOf, oneOf, allOf, additionalProperties, $ref } = schema as Record<
    string,
    unknown
  >;
  if ($ref !== undefined) return [];
  const inside = [anyOf, oneOf, allOf].flatMap((all) => (Array.isArray(all) ? all : []));
  return [
    ...(type === 'string' ? [path] : []),
    ...Object.entries(properties ?? {}).flatMap(([key, value]) => textPlaces(value, [...path, key])),
    ...(items === undefined ? [] : textPlaces(items, [...path, 0])),
    ...(typeof additionalProperties === 'object' && additionalProperties !== null
      ? textPlaces(additionalProperties, [...path, 'ANY'])
      : []),
    ...inside.flatMap((one) => textPlaces(one, path)),
  ];
}

const PLACES = [
  ...new Map(
    textPlaces(z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' })).map((path) => [
      path.join('.'),
      path,
    ]),
  ).values(),
].filter(([first]) => first !== 'vary');

/** Text that stays text whatever is in it: a file's content, an argument of the container's own process, a word of a flag. */
const FREE =
  /^(why|bundle\.(args|env|host-files|root\.(debian|rpm)\.files)\b|bundle\.(from|root\.path)$|migration\.extra\.|handover\.hook$|testbed\.inventory$|probe\.path$|toolchain)/;

const base = () => ({
  name: 'x',
  bundle: { root: { debian: { suite: 'bookworm', packages: ['httpd'] } }, args: ['/bin/x'] },
});

function withValue(path: readonly (string | number)[], value: string): unknown {
  const document: Record<string | number, unknown> = base();
  let at = document;
  for (const [index, part] of path.entries()) {
    if (index === path.length - 1) at[part] = value;
    else {
      const next = at[part];
      const isList = typeof path[index + 1] === 'number';
      const isThere = typeof next === 'object' && next !== null && Array.isArray(next) === isList;
      if (!isThere) at[part] = isList ? [] : {};
      at = at[part] as Record<string | number, unknown>;
    }
  }
  return document;
}

describe('a hostile value in a scenario', () => {
  it('finds the places that take text, so that none is left out below', () => {
    expect(PLACES.length).toBeGreaterThan(40);
    expect(PLACES.map((path) => path.join('.'))).toEqual(
      expect.arrayContaining([
        'name',
        'service.name',
        'service.address',
        'migration.path.0',
        'bundle.tmpfs.0',
      ]),
    );
  });

  it.each(PLACES.map((path) => [path.join('.'), path] as const))(
    'at %s is refused, or stays the one value that it is',
    (name, path) => {
      const ran = join(directory, 'ran');
      for (const value of HOSTILE(ran)) {
        try {
          const scenario = parseScenario(stringify(withValue(path, value)), 'x.yaml');
          // What is taken goes on as it was written, in a place that no shell reads.
          expect(name).toMatch(FREE);
          expect(JSON.stringify(scenario)).toContain(
            JSON.stringify(value.trim()).slice(1, -1).replace('../../../../', ''),
          );
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }
      expect(existsSync(ran)).toBe(false);
    },
  );
});

describe('a hostile word of a command', () => {
  const words = () => HOSTILE(join(directory, 'ran'));

  it('reaches a host over SSH as the word that it is: a real shell reads the line that is sent', () => {
    const line = quoted(['printf', '%s\\0', ...words()]);
    const seen = execFileSync('/bin/sh', ['-c', line]).toString().split('\0').slice(0, -1);
    expect(seen).toEqual(words());
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  it('stays one word of the runtime', () => {
    for (const word of words()) {
      const container = { runtime: 'runc' as const, id: word };
      expect(checkpointArgv({ container, imagePath: null, flags: [word] }).slice(-2)).toEqual([word, word]);
      expect(restoreArgv({ container, imagePath: word, flags: [] })).toContain(word);
      expect(deleteArgv(container).at(-1)).toBe(word);
    }
  });

  it('is no shell text where a real shell starts the container', () => {
    const note = join(directory, 'note');
    for (const word of words()) {
      const [file = '', ...args] = startArgv({ runtime: 'runc', id: word });
      const at = args.indexOf('runc');
      // In the place of runc, something that notes its last word.
      const noting = args.with(at, join(directory, 'runc'));
      execFileSync('/bin/sh', [
        '-c',
        `printf '#!/bin/sh\\nfor last; do :; done; printf %%s "$last" >"${note}"\\n' >"$1"; chmod 755 "$1"`,
        'sh',
        join(directory, 'runc'),
      ]);
      execFileSync(file, noting, { stdio: 'pipe' });
      expect(readFileSync(note, 'utf8')).toBe(word);
    }
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  it('as an address cannot become an option of ssh', async () => {
    const machine = { address: '-oProxyCommand=x', port: 22, user: 'root', 'host-key': 'ssh-ed25519 AAAA' };
    const argv = await shellArgv('rhel01', { ...machine, key: import.meta.filename }, [], async () =>
      join(directory, 'known'),
    );
    expect(argv.slice(argv.indexOf('--'))).toEqual(['--', '-oProxyCommand=x']);
    expect(argv).toContain('StrictHostKeyChecking=yes');
  });
});
