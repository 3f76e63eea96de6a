import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFolder } from './server.ts';
import { ROOT } from './targets.ts';

/**
 * Creates a folder that looks like the project, so that settings and data are not those of the developer. Deletes it
 * when the test ends.
 *
 * @param copied copied instead of linked
 */
export function projectCopy(copied: readonly string[] = []): string {
  const folder = emptyFolder();
  for (const name of ['drizzle', 'node_modules', 'package.json', 'public', 'scripts', 'src']) {
    if (!copied.includes(name)) symlinkSync(join(ROOT, name), join(folder, name));
  }
  for (const name of copied) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  return folder;
}
