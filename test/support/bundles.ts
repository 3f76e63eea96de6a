import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { EXTERNAL } from '../../scripts/external.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The environment variable that names the folder of this run for bundles. */
export const BUNDLES = 'LATCHKEY_TEST_BUNDLES';

/** Programs of the tests for Node. A start with tsx needs three times as much time as that of a bundle. */
const PROGRAMS = [
  'test/support/brisk-housekeeping/node.ts',
  'test/support/late-work/node.ts',
  'test/support/movable-clock/node.ts',
  'test/support/queueing/node.ts',
  'test/support/short-limits/node.ts',
  'test/support/smtp-program.ts',
  'test/support/workerd-host.ts',
] as const;

const nameOf = (program: string): string => program.replaceAll(/[/.]/g, '-');

/**
 * Creates the folder before the tests, with a bundle of each program, and removes it after them. It is as deep in the
 * project as `src/runtime`, because the programs find the project's files relative to their own.
 */
export default async function setup(): Promise<() => void> {
  const dist = join(ROOT, 'dist');
  mkdirSync(dist, { recursive: true });
  const folder = mkdtempSync(join(dist, 'test-'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      ...Object.fromEntries(PROGRAMS.map((program) => [nameOf(program), program])),
      'hash-thread': 'src/runtime/ports/hash-thread.js',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: EXTERNAL,
    logLevel: 'warning',
  });
  process.env[BUNDLES] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The arguments with which Node runs a program: its bundle, or outside of a run of the tests its source. */
export function nodeArguments(program: (typeof PROGRAMS)[number]): readonly string[] {
  const bundle = join(process.env[BUNDLES] ?? '', `${nameOf(program)}.js`);
  if (existsSync(bundle)) return [bundle];
  return ['--import', import.meta.resolve('tsx'), join(ROOT, program)];
}
