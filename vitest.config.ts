import { defineConfig } from 'vitest/config';

const slow = { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false };

const machines = {
  ...slow,
  testTimeout: 900_000,
  hookTimeout: 900_000,
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
      // Files one after the other, for they look at what the machine holds; runs that may be beside others, two at once.
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...slow, maxConcurrency: 2 } },
      // Two virtual machines: not part of `npm test`. Faults of machines take a quarter of an hour more.
      { test: { name: 'vm', include: ['test/vm/*.test.ts'], ...machines } },
      { test: { name: 'vm-faults', include: ['test/vm/faults/*.test.ts'], ...machines } },
    ],
  },
});
