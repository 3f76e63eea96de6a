import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './targets.ts';

/**
 * Builds and packs `latchkey-client` as `npm run client:pack` does, but outside of the working copy, because several
 * test files may do so at the same time. Installs the package into a project.
 *
 * @returns the folder of the installed package
 */
export function installClient(project: string): string {
  const folder = mkdtempSync(join(project, 'packed-'));
  const installed = join(project, 'node_modules/latchkey-client');
  const run = (command: string, args: readonly string[], cwd: string): string =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  for (const name of ['package.json', 'README.md', 'LICENSE']) {
    cpSync(join(ROOT, 'packages/client', name), join(folder, name));
  }
  run(process.execPath, ['scripts/build-client.mjs', join(folder, 'dist')], ROOT);
  const tarball = run('npm', ['pack', '--silent'], folder).trim();
  mkdirSync(installed, { recursive: true });
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], folder);
  rmSync(folder, { recursive: true });
  return installed;
}
