import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dependencies: z.record(z.string(), z.string()).default({}),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
      dev: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
    }),
  ),
});

const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
const entries = Object.entries(lockSchema.parse(JSON.parse(text)).packages);

test('no package that a user installs runs code during installation', () => {
  const installed = entries.filter(([path, { dev }]) => path !== '' && !dev);
  expect(installed.map(([path]) => path)).toContain('node_modules/libsql');
  expect(installed.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path)).toEqual([]);
  // The check can fail: esbuild, a development dependency, has an install script.
  expect(entries.some(([, entry]) => entry.hasInstallScript)).toBe(true);
});

test('the lockfile has an entry for every dependency in it, and so for every platform', () => {
  const present = new Set(entries.map(([path]) => path.split('node_modules/').at(-1)));
  const missing = entries.flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !present.has(name))
      .map((name) => `${path} needs ${name}`),
  );
  expect(entries.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});
