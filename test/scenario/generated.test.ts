import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseScenario } from '../../harness/scenario/load.ts';
import { scenarioReference } from '../../harness/scenario/reference.ts';
import { scenarioSchema } from '../../harness/scenario/schema.ts';
import { GENERATED, MARKER, withReference } from '../../scripts/generate.ts';
import { read } from './golden.ts';
import { refusal } from './refusal.ts';

const document = read('docs/scenario.md');
const [example = ''] = [...document.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);

describe('what is generated', () => {
  it.each(GENERATED)('$path is current; `npm run generate` writes it', ({ path, content }) => {
    expect(read(path)).toBe(content());
  });

  it('keeps the hand-written head of the document', () => {
    expect(withReference(`head\n${MARKER}\nold`)).toBe(`head\n${MARKER}\n\n${scenarioReference()}`);
    expect(() => withReference('head')).toThrow('has lost its line');
  });
});

describe('the JSON Schema of a scenario', () => {
  const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
    JSON.parse(read('schema/scenario.schema.json')),
  );

  it.each(['classic', 'httpd', 'nginx-established'])('takes %s.yaml, which names it', (name) => {
    const text = read(`scenarios/${name}.yaml`);
    expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/scenario.schema.json');
  });

  it.each([
    '{name: x}',
    '{name: x, bundle: {from: b}, whi: y}',
    '{name: x, bundle: {from: b}, probe: {rate: 0}}',
    '{name: x, bundle: {from: b}, migration: {pause: 500}}',
    '{name: x, bundle: {from: b, root: {path: r}, args: [a]}}',
  ])('refuses %s', (text) => {
    expect(validate(parse(text))).toBe(false);
  });
});

describe('docs/scenario.md', () => {
  it('has a section for each top-level key', () => {
    const sections = [...scenarioReference().matchAll(/^## `(.*)`$/gm)].map(([, key]) => key);
    expect(sections).toEqual(Object.keys(scenarioSchema.shape));
  });

  it('shows an example that is a scenario', () => {
    const { name, migration, bundle } = parseScenario(example, 'hello.yaml');
    expect([name, migration.path, bundle.kind]).toEqual(['hello', ['rhel01', 'rhel02'], 'generated']);
  });

  it('shows mistakes as they are told', () => {
    const wrong = example.replace('rate: 100/s', 'rate: 0').replace('connections: est', 'conections: est');
    expect(document).toContain(`\`\`\`\n${refusal(wrong, 'hello.yaml')}\n\`\`\``);
  });
});
