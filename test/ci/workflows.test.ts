import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { action, pipeline, type Step, workflow } from './workflows.ts';

const published = createRequire(import.meta.url).resolve('schemastore/package.json');
const GITLAB = 'gitlab.com/gitlab-org/gitlab/-/raw/master/app/assets/javascripts/editor/schema/ci.json';

/** What the published schema says against it; [] when nothing. */
function against(schema: string, value: unknown): string[] {
  const text = readFileSync(published.replace('package.json', `schemas/json/${schema}`), 'utf8');
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addKeyword({ keyword: 'markdownDescription' });
  const validate = ajv.compile(JSON.parse(text));
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const FILES: [string, string, () => object][] = [
  ['the workflow of GitHub', 'github-workflow.json', workflow],
  ['the action of GitHub', 'github-action.json', action],
  ['the pipeline of GitLab', GITLAB, pipeline],
];

describe('what runs a suite in CI', () => {
  test.each(FILES)('%s keeps to the published schema', (_, schema, read) => {
    expect(against(schema, read())).toEqual([]);
  });

  test.each(FILES)('%s would be refused with a key that is none', (_, schema, read) => {
    const spoilt = JSON.parse(JSON.stringify(read()).replace(/"(steps|script)":/, '"stepz":'));
    expect(against(schema, spoilt)).not.toEqual([]);
  });

  test('no value is pasted into the text of a script', () => {
    const scripts = [...Object.values(workflow().jobs).flatMap(({ steps }) => steps), ...action().runs.steps]
      .map(({ run }: Step) => run)
      .filter((run) => run !== undefined);
    expect(scripts.length).toBeGreaterThan(4);
    expect(scripts.filter((run) => run.includes('${{'))).toEqual([]);
  });

  test('the workflow gives the action only inputs that it has', () => {
    const given = Object.values(workflow().jobs)
      .flatMap(({ steps }) => steps)
      .filter(({ uses }) => uses === './.github/actions/suite');
    expect(given).toHaveLength(1);
    expect(Object.keys(action().inputs)).toEqual(expect.arrayContaining(Object.keys(given[0]?.with ?? {})));
  });
});
