import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const HARNESS = join(import.meta.dirname, '../harness');

// A layer may import from itself and from those below it.
const LAYERS: readonly (readonly string[])[] = [
  ['main', 'cli'],
  ['examine', 'sweep', 'suite', 'calibrate', 'against', 'repro', 'resume', 'pack', 'script', 'bisect'],
  ['run', 'compare', 'explain', 'trend'],
  ['prepare', 'hook', 'perform', 'narrate', 'live', 'live-page', 'keep-up'],
  ['calibration'],
  ['migration'],
  ['testbed', 'report', 'store'],
  ['analysis', 'scenario', 'probe'],
  ['diagnosis'],
  ['runtime'],
  ['host'],
  ['clock', 'counted', 'deferred', 'errors', 'fault', 'nearest', 'paths', 'scope', 'strategy', 'version'],
  ['model'],
];

const files = readdirSync(HARNESS, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const partOf = (file: string): string => file.replace(/\.ts$/, '').split('/')[0] as string;
const layerOf = (part: string): number => LAYERS.findIndex((layer) => layer.includes(part));
const importsOf = (file: string): string[] =>
  [...readFileSync(join(HARNESS, file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    ([, path]) => path as string,
  );

test('every part of the harness has its layer', () => {
  expect([...new Set(files.map(partOf))].filter((part) => layerOf(part) === -1)).toEqual([]);
});

test('imports go one way, down the layers', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((path) => path.startsWith('.'))
      .map((path) => relative(HARNESS, resolve(HARNESS, dirname(file), path)))
      .filter((path) => layerOf(partOf(path)) < layerOf(partOf(file)))
      .map((path) => `${file} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test('analysis and report do no I/O', () => {
  const pure = files.filter((file) => ['analysis', 'report'].includes(partOf(file)));
  const io = pure.flatMap((file) =>
    importsOf(file)
      .filter(
        (path) =>
          /^node:(fs|child_process|net|http|dns|os|worker)/.test(path) || /^(execa|undici)/.test(path),
      )
      .map((path) => `${file} imports ${path}`),
  );
  expect(io).toEqual([]);
});
