import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../harness/scenario/load.ts';
import { golden, read } from './golden.ts';
import { minimal, refusal, told } from './refusal.ts';

describe('a file with many mistakes', () => {
  it('is told all of them at once, each with its place, its line and the nearest name', () => {
    const message = refusal(read('test/golden/scenario/mistakes.yaml'), 'mistakes.yaml');
    expect(`${message}\n`).toBe(golden('mistakes.txt', `${message}\n`));
  });

  it('is told the first hundred where there are more', () => {
    const lines = refusal(minimal(Array.from({ length: 5_000 }, (_, i) => `k${i}: 1\n`).join(''))).split(
      '\n',
    );
    expect([lines.length, lines.at(-1)]).toEqual([301, 'and 4,900 more mistakes']);
  });

  it('shows of a long line the stretch around the place', () => {
    const [, excerpt, caret] = refusal(`name: ${' '.repeat(300)}X\nbundle: {from: b}`).split('\n');
    expect(excerpt?.[caret?.indexOf('^') ?? -1]).toBe('X');
  });
});

describe('YAML that cannot be taken is refused where', () => {
  it.each([
    [
      'a bracket is open',
      'name: [a\n',
      'x.yaml:2:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a key is there twice', 'name: a\nname: b\n', 'x.yaml:2:1: `name` is there twice'],
    [
      'a second document begins',
      'name: a\n---\nname: b\n',
      'x.yaml:2:1: a scenario is one YAML document, and here another begins',
    ],
    ['a tag is unknown', 'name: !!mine a\n', 'x.yaml:1:7: Unresolved tag: tag:yaml.org,2002:mine'],
    [
      'an alias stands for nothing',
      'name: *none\n',
      'x.yaml:1:7: `*none` stands for nothing that comes before it',
    ],
    [
      'a key is __proto__',
      'bundle: {host-files: {__proto__: a}}\n',
      'x.yaml:1:23: `__proto__` cannot be a key',
    ],
  ])('%s', (_, text, message) => {
    expect(told(text)).toEqual([message]);
  });

  it('aliases make it a bomb', () => {
    const row = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(of).join(', ')}]\n`;
    const bomb =
      row('a', 'x') +
      'bcdefghi'
        .split('')
        .map((name, i) => row(name, `*${'abcdefgh'[i]}`))
        .join('');
    expect(told(bomb)).toEqual(['x.yaml:2:8: aliases expand to too much: at most 50 are followed']);
  });

  it('an alias contains itself', () => {
    const circle = '`*n` is part of what it stands for, and nothing can contain itself';
    expect(told('name: &n {a: *n}\nbundle: {from: b}\n')).toEqual([`x.yaml:1:14: ${circle}`]);
    expect(told('vary: {probe.rate: &n [1/s, [[*n]]]}\n')).toEqual([`x.yaml:1:31: ${circle}`]);
    // Of a name that is given twice the nearer one is meant.
    expect(told('name: &n [&n x, *n]\n').join()).not.toContain('contain itself');
  });
});

describe('a value is refused that', () => {
  const rate = 'must be requests a second from 1 to 20000, such as 100/s';
  it.each([
    [
      'is a pause without its unit',
      'migration: {pause: 500}',
      '5:20: `pause` must be a duration with its unit, such as 500ms, 2s or 1m, not `500`',
    ],
    [
      'is more pre-dumps than allowed',
      'migration: {strategy: pre-copy, pre-dumps: 33}',
      '5:44: `pre-dumps` must be a whole number from 1 to 32, not `33`',
    ],
    [
      'bounds pre-dumps of another strategy',
      'migration: {pre-dumps-until: {below: 4MiB}}',
      '5:13: `pre-dumps-until` is for `strategy: pre-copy` and `hybrid`',
    ],
    [
      'is the port of a page server that the strategy needs',
      'migration: {strategy: post-copy}\nservice: {port: 27}',
      "6:17: `27` is the port of CRIU's page server; give the service another",
    ],
    [
      'is the port that images are taken at',
      'migration: {transfer: copy}\nservice: {port: 17028}',
      '6:17: `17028` is the port of who takes the images; give the service another',
    ],
    [
      'is no end of pre-dumps',
      'migration: {strategy: pre-copy, pre-dumps-until: never}',
      '5:50: `pre-dumps-until` must be stops-shrinking or {below: SIZE}, not `never`',
    ],
    [
      'is a timeout out of its limits',
      'migration: {timeout: 2h}',
      '5:22: `timeout` must be a duration from 1s to 1h, not `2h`',
    ],
    [
      'is a share without its unit',
      'testbed: {share: 512}',
      '5:18: `share` must be a size from 1MiB to 1024GiB, with its unit, such as 512MiB or 2GiB, not `512`',
    ],
    ['is a rate of 0', 'probe: {rate: 0}', `5:15: \`rate\` ${rate}, not \`0\``],
    ['is a rate of 0/s', 'probe: {rate: 0/s}', `5:15: \`rate\` ${rate}, not \`0/s\``],
    ['is a rate of a million', 'probe: {rate: 1000000}', `5:15: \`rate\` ${rate}, not \`1000000\``],
    [
      'is a toolchain for a host that is not in the path',
      'toolchain: {rhel1: host}',
      '5:13: `rhel1` is not in `migration.path`; did you mean `rhel01`?',
    ],
    [
      'is a path of one host',
      'migration: {path: [rhel01]}',
      '5:19: `path` must have at least 2 hosts, not `["rhel01"]`',
    ],
    [
      'is a path that ends where it begins',
      'migration: {path: [a, b, a]}',
      '5:26: must differ from the first host, which comes after it',
    ],
    [
      'is a host that the testbed has itself',
      'migration: {path: [a, client]}',
      '5:23: must be another name: the testbed uses client itself',
    ],
    [
      'is an object with a toString of its own',
      'migration: {strategy: {toString: 1}, path: [{toString: 1}]}',
      expect.stringMatching(
        /^5:23: `strategy` must be stop-and-copy or pre-copy or post-copy or hybrid, not /,
      ),
    ],
    [
      'is an older image where each replaces the one before',
      'migration: {sabotage: older-image}',
      '5:23: `older-image` needs `image-directory: per-migration`, so that there is an older one',
    ],
    [
      'is a fault at a phase that the strategy lacks',
      'faults: [{kind: kill-criu, at: lazy-pages}]',
      '5:32: `lazy-pages` is no phase of `stop-and-copy` with `transfer: share`',
    ],
    [
      'is a fault point without its number',
      'faults: [{kind: criu-fault, at: dump}]',
      '5:10: `number` goes with `kind: criu-fault`, and only with it',
    ],
    [
      'is a fault with nothing to break',
      'faults: [{kind: kill-criu, at: handover}]',
      '5:32: `kill-criu` has nothing to break at `handover`',
    ],
    ['is nothing', 'migration:', '5:11: `migration` must be a mapping, not `null`'],
    [
      'chooses the image directory by a flag',
      'migration: {extra: {restore: [--work-path=/x]}}',
      '5:31: must not choose where images and logs lie: Thaw keeps them on the share, see image-directory',
    ],
  ])('%s', (_, line, message) => {
    const [first] = told(minimal(`${line}\n`));
    expect(first?.replace('x.yaml:', '')).toEqual(message);
  });
});

describe('a bundle', () => {
  const bundle = (text: string): string[] => told(`name: x\nbundle: ${text}\n`);

  it.each([
    ['{}', ['x.yaml:2:9: `bundle` needs `root` (Thaw makes the bundle) or `from` (one of your own)']],
    ['3', ['x.yaml:2:9: `bundle` must be a mapping, not `3`']],
    ['{root: {path: r}}', ['x.yaml:2:9: `args` is missing: the command line']],
    [
      '{root: {path: r}, args: [/s], counter: {}}',
      ['x.yaml:2:48: `counter` is the command of the container, and `args` names another'],
    ],
    [
      '{root: {path: r}, counter: {}, redis: {data: 1GiB, writes: 0}}',
      [
        'x.yaml:2:47: `redis` is the command of the container, and `counter` names another',
        'x.yaml:2:54: `data` does not fit into the share, where its images go; raise `testbed.share` above it',
        'x.yaml:2:68: `writes` must be requests a second from 1 to 20000, such as 100/s, not `0`',
      ],
    ],
    [
      '{root: {path: r}, counter: {dirty: 5MiB/s}}',
      ['x.yaml:2:36: `counter` `dirty` needs `memory` that can be written'],
    ],
    [
      '{root: {path: r}, counter: {memory: 1GiB}}',
      [
        'x.yaml:2:45: `memory` does not fit into the share, where its images go; raise `testbed.share` above it',
      ],
    ],
    [
      '{root: {path: r}, counter: {memory: 64, dirty: 5MB/s}}',
      [
        'x.yaml:2:45: `memory` must be a size from 1MiB to 1024GiB, with its unit, such as 512MiB or 2GiB, not `64`',
        'x.yaml:2:56: `dirty` must be MiB a second from 1MiB/s to 10000MiB/s, such as 20MiB/s, not `5MB/s`',
      ],
    ],
    ['{root: {}, args: [a]}', ['x.yaml:2:16: `root` needs `debian`, `rpm` or `path`']],
    [
      '{from: b, args: [a]}',
      ['x.yaml:2:19: `args` is for a bundle that Thaw makes, and `from` names one of your own'],
    ],
    [
      '{from: b, host-files: {/runc/a: b}}',
      ['x.yaml:2:32: `/runc/a` lies on the share, where all hosts have the same file'],
    ],
    [
      '{from: b, host-files: {/tmp/../runc/a: b}}',
      ['x.yaml:2:32: `/tmp/../runc/a` must be a path without ..'],
    ],
    ['{from: b, host-files: {tmp/a: b}}', ['x.yaml:2:32: `tmp/a` must be an absolute path']],
  ])('%s is refused', (text, messages) => {
    expect(bundle(text)).toEqual(messages);
  });

  it.each(['transfer: page-server', 'transfer: copy', 'strategy: post-copy'])(
    'of much memory fits a small share where no image of it goes there: %s',
    (migration) => {
      const text = `name: x\nbundle: {root: {path: r}, counter: {memory: 2GiB}}\nmigration: {${migration}}\n`;
      expect(parseScenario(text, 'x.yaml').testbed).toMatchObject({ shareMiB: 1_024 });
    },
  );

  it('that needs a user namespace cannot carry connections over', () => {
    const text =
      'name: x\nbundle: {from: b, user-namespace: always}\nmigration: {connections: established}\n';
    expect(told(text)).toEqual([
      'x.yaml:3:26: `established` cannot be restored in a user namespace, and `bundle.user-namespace` is `always`',
    ]);
  });
});

describe('a map of nothing but debian and rpm is the split by family', () => {
  const env = (text: string) => {
    const { bundle } = parseScenario(minimal(`  env: ${text}\n`), '/x.yaml');
    return bundle.kind === 'generated' && { debian: bundle.env.debian, rpm: bundle.env.rpm };
  };
  const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

  it('with the variables of each family in it', () => {
    expect(env('{debian: {A: b}}')).toEqual({ debian: { PATH, A: 'b' }, rpm: { PATH } });
    expect(env('{debian: {debian: x}}')).toEqual({ debian: { PATH, debian: 'x' }, rpm: { PATH } });
  });

  it('and any other map is for all', () => {
    expect(env('{A: b, debian: x}')).toEqual({
      debian: { PATH, A: 'b', debian: 'x' },
      rpm: { PATH, A: 'b', debian: 'x' },
    });
    expect(env('{}')).toEqual({ debian: { PATH }, rpm: { PATH } });
  });

  it.each([
    ['{debian: x}', '5:17: `debian` must be a map from variable to value, not `x`'],
    ['{PORT: 8080}', '5:15: `PORT` must be text (a number or a truth value in quotes), not `8080`'],
    ['{debian: {A: b}, rmp: {A: b}}', '5:25: there is no `rmp` here; did you mean `rpm`?'],
  ])('so that a mistake in %s is told as what was meant', (text, message) => {
    expect(told(minimal(`  env: ${text}\n`)).at(-1)).toBe(`x.yaml:${message}`);
  });
});
