import { defineConfig } from 'vitest/config';
import { pens } from './test/e2e/pen.ts';

const slow = { testTimeout: 300_000, hookTimeout: 300_000 };

/** No small scenarios: builds from source, machines over SSH, many runs in a row. */
const long = ['bisect', 'campaign', 'kill-more', 'pictures', 'rpm', 'ssh', 'toolchains'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** Each file in a pen, and two of them at once. Of a file, runs that may be beside others go two at once, too. */
const penned = {
  ...slow,
  pool: pens,
  maxWorkers: Number(process.env.THAW_E2E_FILES ?? 2),
  maxConcurrency: 2,
};

const machines = {
  testTimeout: 900_000,
  hookTimeout: 900_000,
  fileParallelism: false,
  globalSetup: 'test/vm/machines.ts',
};

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['harness/**/*.ts'], reporter: ['text-summary', 'json-summary'] },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/e2e/**', 'test/vm/**'],
          // A busy machine is slow; no test measures time by this.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          exclude: long,
          ...penned,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: 'e2e-long', include: long, ...penned, sequence: { groupOrder: 2 } } },
      // Two virtual machines: not part of `npm test`. Faults of machines take a quarter of an hour more.
      { test: { name: 'vm', include: ['test/vm/*.test.ts'], ...machines } },
      { test: { name: 'vm-faults', include: ['test/vm/faults/*.test.ts'], ...machines } },
    ],
  },
});
