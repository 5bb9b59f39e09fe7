/** The shipped CI files, read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');

export interface Step {
  id?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, string>;
}

export interface Workflow {
  jobs: Record<string, { steps: Step[] }>;
}

export interface Action {
  inputs: Record<string, unknown>;
  runs: { steps: Step[] };
}

export type Pipeline = Record<'thaw-plan' | 'thaw-merge', { script: string[] }>;

// GitLab's pipelines have merge keys.
const read = (file: string) => parse(readFileSync(join(ROOT, file), 'utf8'), { merge: true });

export const workflow = (): Workflow => read('.github/workflows/suite.yml');
export const action = (): Action => read('.github/actions/suite/action.yml');
export const pipeline = (): Pipeline => read('.gitlab/suite.gitlab-ci.yml');
