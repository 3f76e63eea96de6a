import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The environment variable that names the folder of this run for bundles of Workers. */
export const BUNDLES = 'LATCHKEY_TEST_BUNDLES';

/** Creates the folder before the tests, and removes it after them. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bundles-'));
  process.env[BUNDLES] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
