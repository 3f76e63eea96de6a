import { defineConfig } from 'vitest/config';

const propertySeed = 'test/support/property-seed.ts';
const setupFiles = [propertySeed, 'test/support/derive-bits-guard.mjs'];

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    // Three, also on two cores: tests of servers wait most of the time.
    maxWorkers: 3,
    globalSetup: ['test/support/bundles.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          include: ['test/**/*.test.ts'],
          // Hashing is work, and the machine may be busy.
          testTimeout: 30_000,
          exclude: ['test/{conformance,runtime,browser,long}/**'],
        },
      },
      {
        test: {
          name: 'runtimes',
          setupFiles: [propertySeed],
          include: ['test/{conformance,runtime,browser}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'long',
          setupFiles: [propertySeed],
          include: [
            'test/long/**/*.test.ts',
            // On what `npm test` leaves out: see LONG_TESTED and LONG_TESTED_PAGES.
            'test/runtime/{account,attack-disk-full,housekeeping,late-work,messages,overload}.test.ts',
            'test/browser/pages-{account,admin}.test.ts',
          ],
          env: { LATCHKEY_TEST_LONG: 'on' },
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
