/** The JSON Schema of a scenario file: what editors complete and explain by, and what the reference is made of. */
import { z } from 'zod';
import { scenarioSchema } from './schema.ts';
import { suiteSchema } from './suite-schema.ts';

/**
 * Draft 7, which is what YAML support of editors knows. It takes whatever the parser takes; rules that hang on
 * several keys at once (hosts that are in the path, paths off the share) are the parser's alone.
 */
export function scenarioJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(scenarioSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    $id: 'urn:thaw:scenario',
    title: 'Thaw scenario',
    description:
      'What is migrated, how, how often, who asks meanwhile, and what must be true for it to pass.',
    ...schema,
  };
}

/** Of a suite file. That its scenarios are there, and its keys theirs, is the parser's alone. */
export function suiteJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(suiteSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    $id: 'urn:thaw:suite',
    title: 'Thaw suite',
    description: 'Which scenarios are run with which settings, and what is known to fail.',
    ...schema,
  };
}
