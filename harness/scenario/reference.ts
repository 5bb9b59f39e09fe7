/** The keys of a scenario as markdown, from its JSON Schema: one section for each top-level key. */
import { scenarioJsonSchema } from './json-schema.ts';

/** The part of JSON Schema that scenarios are written in. */
interface Shape {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  examples?: unknown[];
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: boolean | Shape;
  items?: Shape;
  anyOf?: Shape[];
}

interface Row {
  key: string;
  value: string;
  standard: string;
  meaning: string;
}

/** Markdown that ends with a newline. Nested keys are joined by dots; `[]` stands for each item of a list. */
export function scenarioReference(): string {
  const top = scenarioJsonSchema() as Shape;
  return Object.entries(top.properties ?? {})
    .map(([key, shape]) => section(key, shape, isRequired(top, key)))
    .join('\n');
}

function section(key: string, shape: Shape, required: boolean): string {
  if (shape.properties === undefined) {
    return `## \`${key}\`\n\n${table([row(key, shape, required)])}`;
  }
  const must = required ? ' Required.' : '';
  return `## \`${key}\`\n\n${shape.description ?? ''}${must}\n\n${table(rowsOf(shape, ''))}`;
}

function rowsOf(shape: Shape, prefix: string): Row[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix + name;
    const self = row(key, child, isRequired(shape, name));
    if (child.properties !== undefined) return [self, ...rowsOf(child, `${key}.`)];
    if (child.items?.properties !== undefined) return [self, ...rowsOf(child.items, `${key}[].`)];
    return [self];
  });
}

function row(key: string, shape: Shape, required: boolean): Row {
  return {
    key: `\`${key}\``,
    value: kindOf(shape),
    standard: required ? 'required' : standardOf(shape.default),
    meaning: shape.description ?? '',
  };
}

function isRequired(parent: Shape, key: string): boolean {
  return parent.required?.includes(key) ?? false;
}

/** A default in YAML's short form; none for a mapping, whose keys tell theirs. */
function standardOf(value: unknown): string {
  if (value === undefined || value === '') return '';
  if (Array.isArray(value)) return `\`[${value.join(', ')}]\``;
  return typeof value === 'object' ? '' : `\`${String(value)}\``;
}

function kindOf(shape: Shape): string {
  if (shape.anyOf !== undefined) return alternatives(shape.anyOf);
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (shape.title !== undefined) return shape.title;
  switch (shape.type) {
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
      return `whole number from ${shape.minimum} to ${shape.maximum}`;
    case 'array':
      return `list of ${listed(shape.items)}`;
    case 'object':
      return shape.properties === undefined ? `map to ${mapped(shape.additionalProperties)}` : 'mapping';
    default:
      return 'text';
  }
}

/** A value once for all or by family is told as the value; other alternatives are told one by one. */
function alternatives(shapes: readonly Shape[]): string {
  const [first, ...others] = shapes;
  const isSplit = first?.properties !== undefined && 'debian' in first.properties;
  if (isSplit) return `${others.map(kindOf).join(' or ')}; or by family: \`debian\`, \`rpm\``;
  return shapes.map(objectOrValue).join(', or ');
}

function objectOrValue(shape: Shape): string {
  if (shape.properties === undefined) return kindOf(shape);
  const inner = Object.entries(shape.properties).map(([key, child]) => `${key}: ${kindOf(child)}`);
  return `{${inner.join(', ')}}`;
}

function listed(items: Shape | undefined): string {
  if (items === undefined || items.properties !== undefined) return 'mappings';
  const value = kindOf(items);
  return value === 'text' ? value : `${value}s`;
}

function mapped(values: boolean | Shape | undefined): string {
  return typeof values === 'object' ? kindOf(values) : 'anything';
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ key, value, standard, meaning }) => [key, value, standard, meaning].map(cell));
  const all = [['key', 'value', 'default', 'meaning'], ['---', '---', '---', '---'], ...lines];
  return `${all.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

/** A `|` would begin another cell, and a line break another row. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
