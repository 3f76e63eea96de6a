import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { wranglerPath } from '../../scripts/binaries.ts';
import { Api } from './api.ts';
import { startProcess } from './process.ts';
import { emptyFolder } from './server.ts';
import { freePort, quietConfig, ROOT, wranglerEnvironment } from './targets.ts';

/** Bundles the Worker into a folder, as for a deployment. Returns the path of the bundle. */
export function bundle(folder: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [wranglerPath(), 'deploy', '--dry-run', '--minify', '--outdir', folder],
    { cwd: ROOT, env: wranglerEnvironment(folder), encoding: 'utf8' },
  );
  expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('--dry-run: exiting now')]);
  return join(folder, 'worker.js');
}

/**
 * Runs a bundle in workerd.
 *
 * @param settings the lines of a `.env` file
 */
export async function startBundle(
  folder: string,
  path: string,
  settings: string,
  config = quietConfig(emptyFolder()),
) {
  writeFileSync(join(folder, 'settings.env'), settings);
  // Outside of the folder of the bundle, because wrangler watches that folder.
  const state = emptyFolder();
  const server = await startProcess({
    label: 'wrangler dev --no-bundle',
    command: process.execPath,
    args: [
      wranglerPath(),
      ...['dev', path, '--no-bundle', '--config', config],
      ...['--ip', '127.0.0.1', '--port', String(await freePort()), '--inspector-port', '0'],
      ...['--persist-to', state, '--env-file', join(folder, 'settings.env')],
      '--show-interactive-dev-session=false',
    ],
    cwd: ROOT,
    env: wranglerEnvironment(state),
    ready: /Ready on (http:\/\/127\.0\.0\.1:\d+)/,
  });
  onTestFinished(async () => {
    await server.stop();
  });
  return { server, api: new Api(server.match[1] ?? '') };
}

/**
 * Writes a configuration without static files, because the local workerd of wrangler 4.86 does not find the scheduled
 * handler in a Worker with static files.
 */
export function configWithoutAssets(): string {
  const path = quietConfig(emptyFolder(), 'assets');
  expect(readFileSync(path, 'utf8')).toMatch(/^crons = \["17 \* \* \* \*", "\* \* \* \* \*"\]$/m);
  return path;
}
