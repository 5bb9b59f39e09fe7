import { expect, it } from 'vitest';
import { openRedactor } from '../../harness/store/redact.ts';
import { LIMIT_MS } from '../fuzz/fuzz.ts';

function redacted(...texts: string[]): string[] {
  const redactor = openRedactor();
  for (const text of texts) redactor.look(text);
  return texts.map((text) => redactor.redact(text));
}

it.each([
  ['a word', '{"DB_PASSWORD": "hunter2"}', 'hunter2'],
  ['words', '{"DB_PASSWORD": "correct horse battery"}', 'correct', 'horse', 'battery'],
  ['a comma', '{"password":"ab,cdefgh"}', 'cdefgh'],
  ['quotes', '{"password": "p@ss\\"word"}', 'p@ss'],
  ['a word of an environment', '"env": ["DB_PASSWORD=correct horse", "MYSQL_PWD=x;yzw"]', 'horse', 'yzw'],
  ['a short name', 'SSHPASS=foo123 PGPASS=bar456 db_pass: baz789', 'foo123', 'bar456', 'baz789'],
  ['a list of JSON', '["--db-password","hunter2","--token", "sesame"]', 'hunter2', 'sesame'],
  ['a flow of YAML', "args: ['--password', 'hunter2 x']", 'hunter2'],
  ['a list of YAML', 'args:\n  - --password\n  - hunter2\n', 'hunter2'],
  ['a command', 'mysql --password hunter2 --token=sesame', 'hunter2', 'sesame'],
  ['redis', 'requirepass hunter2\n["redis-server","--requirepass","sesame"]', 'hunter2', 'sesame'],
  ['an address', 'redis://:hunter2@h/0 postgres://u:sesame@h/db', 'hunter2', 'sesame'],
  ['JSON in JSON', '{"x":"{\\"password\\":\\"hunter2 x\\"}"}', 'hunter2'],
  ['a header', 'Authorization: Basic dXNlcjpwYXNz\nCookie: a=hunter2xyz', 'dXNlcjpwYXNz'],
  ['a key that was cut off', '"-----BEGIN RSA PRIVATE KEY-----\\nMIIEow\\nAAAAxyz"', 'MIIEow', 'AAAAxyz'],
  ['keys', `ghp_${'a'.repeat(36)} glpat-${'b'.repeat(20)} sk-${'c'.repeat(30)}`, 'aaaaa', 'bbbbb', 'ccccc'],
])('what is secret is taken out of %s', (_, text, ...secrets) => {
  const [out = ''] = redacted(text);
  expect(out).toContain('REDACTED-');
  for (const secret of secrets) expect(out).not.toContain(secret);
});

it.each([
  'password: null',
  '"tokens": 123',
  'password=',
  'compass: 12',
  'the password',
  '"state":"pass","check":"x"',
])('%s holds nothing that is secret', (text) => {
  expect(redacted(text)).toEqual([text]);
});

it('JSON stays JSON', () => {
  const value = {
    env: ['A_PASSWORD=two "words"', 'B=1'],
    argv: ['--token', 'x y z'],
    password: 'a\\b\nc',
    n: 12,
  };
  const [out = ''] = redacted(JSON.stringify(value));
  expect(JSON.parse(out)).toEqual({
    env: [expect.stringMatching(/^A_PASSWORD=REDACTED-secret-\d$/), 'B=1'],
    argv: ['--token', expect.stringMatching(/^REDACTED-secret-\d$/)],
    password: expect.stringMatching(/^REDACTED-secret-\d$/),
    n: 12,
  });
});

it('a value is the same wherever it stands, in whatever form', () => {
  const [json, log] = redacted('{"PASSWORD":"a\\"b c"}', 'said a"b c\n');
  expect(json).toBe('{"PASSWORD":"REDACTED-secret-1"}');
  expect(log).toBe('said REDACTED-secret-1\n');
});

it('of two values that begin alike each gets its own', () => {
  const [out] = redacted('10.0.0.1 10.0.0.12 10.0.0.123 TOKEN=abc TOKEN=abc.def');
  expect(out).toBe('192.0.2.1 192.0.2.2 192.0.2.3 TOKEN=REDACTED-secret-1 TOKEN=REDACTED-secret-2');
});

/** Each took minutes, or days, of a few thousand of these. */
const REPEATED = [
  ...[
    'a',
    '-',
    'token',
    'token=',
    'password"',
    'token="',
    'token: ',
    '--token ',
    '"token',
    'eyJ',
    'eyJ-',
    '://a',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----\n',
    '-----END PRIVATE KEY-----',
    '10.',
    '1:',
    'fd00:',
    '/home/',
    'AAAA',
    ' ',
  ],
  ...["'", '"', '\\"', '_pwd', '"--token",'],
];
it.each(REPEATED)(
  'a log of nothing but %j is looked through',
  (word) => {
    const text = word.repeat(1_000_000 / word.length);
    const [once = '', twice = ''] = redacted(text, `${word}password=hunter2`);
    expect(once.length).toBeGreaterThan(0);
    expect(twice).not.toContain('hunter2');
  },
  LIMIT_MS,
);

it(
  'a hundred thousand different values are each replaced',
  () => {
    const address = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    const text = Array.from({ length: 100_000 }, (_, n) => `from ${address(n)}\n`).join('');
    expect(redacted(text)[0]).not.toContain('from 10.');
  },
  LIMIT_MS,
);
