import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { scenarioSchema } from '../../harness/scenario/schema.ts';
import { read } from './golden.ts';

const SEED = { seed: 20_250_101, numRuns: 400 };
const shipped = read('scenarios/httpd.yaml');

const KEYS = [
  ...Object.keys(scenarioSchema.shape),
  ...[
    'root',
    'args',
    'env',
    'debian',
    'rpm',
    'path',
    'rate',
    'pause',
    'extra',
    'host-files',
    'from',
    'tmpfs',
  ],
  ...['toString', 'constructor', '__proto__', '', '/runc/x', 'rhel01'],
];
const LEAVES = ['auto', 'kept', '100/s', '1s', '1GiB', '/a/../b', 'rhel01', null, 0, -1, 1e300, true, ''];
const FRAGMENTS = [
  '- ',
  ': ',
  '? ',
  '&a ',
  '*a ',
  '[',
  ']',
  '{',
  '}',
  '|\n',
  '>-\n',
  '\n  ',
  '\n',
  '---\n',
  '#',
  '"',
];

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, tie('leaf'), tie('map'), tie('list')),
  leaf: fc.oneof(fc.constantFrom(...LEAVES), fc.string()),
  map: fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), tie('tree'), { maxKeys: 8 }),
  list: fc.array(tie('tree'), { maxLength: 4 }),
}));
const yamlish = fc
  .array(
    fc.oneof(
      fc.constantFrom(...FRAGMENTS, ...KEYS, '!!binary ', '\t', '\r\n'),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));
/** The shipped scenario with a stretch of it replaced: nearly right is where mistakes are told. */
const mutated = fc
  .tuple(fc.nat(shipped.length), fc.nat(40), yamlish)
  .map(([at, length, text]) => shipped.slice(0, at) + text + shipped.slice(at + length));

/** Whether every place that is told is in the text: the end of a line, and of the file, included. */
function everyPlaceIsInside(text: string, message: string): boolean {
  const lines = text.split('\n');
  const places = [...message.matchAll(/^x\.yaml:(\d+):(\d+): /gm)].map(([, line, column]) =>
    [line, column].map(Number),
  );
  return (
    places.length > 0 &&
    places.every(
      ([line = 0, column = 0]) => line >= 1 && column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 1,
    )
  );
}

function takenOrRefused(text: string): void {
  try {
    parseScenario(text, 'x.yaml');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(everyPlaceIsInside(text, error.message), error.message).toBe(true);
  }
}

test('any text is taken or refused with places that are in it', () => {
  fc.assert(fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), takenOrRefused), SEED);
});

test('a scenario that was damaged is taken or refused with places that are in it', () => {
  fc.assert(fc.property(mutated, takenOrRefused), SEED);
});

test('any JSON is taken or refused with places that are in it', () => {
  const json = fc.oneof(tree, fc.jsonValue()).map((value) => JSON.stringify(value, null, 1));
  fc.assert(fc.property(json, takenOrRefused), SEED);
});
