import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { wranglerPath } from '../../scripts/binaries.ts';
import { Api } from './api.ts';
import { BUNDLES } from './bundles.ts';
import { emptyFolder } from './server.ts';
import { quietConfig, ROOT, startHost, wranglerEnvironment } from './targets.ts';

let bundled: string | undefined;

/** Bundles the Worker as for a deployment, once per process. Returns the path of the bundle. */
export function bundle(): string {
  if (bundled !== undefined) return bundled;
  const folder = mkdtempSync(join(process.env[BUNDLES] ?? tmpdir(), 'minified-'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [wranglerPath(), 'deploy', '--dry-run', '--minify', '--outdir', folder],
    { cwd: ROOT, env: wranglerEnvironment(folder), encoding: 'utf8' },
  );
  expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('--dry-run: exiting now')]);
  bundled = join(folder, 'worker.js');
  return bundled;
}

/**
 * Runs the bundle in workerd.
 *
 * @param settings the lines of a `.env` file
 */
export async function startBundle(settings: string, config = quietConfig(emptyFolder())) {
  const lines = settings.split('\n').filter((line) => line !== '');
  const server = await startHost({
    script: bundle(),
    config,
    state: emptyFolder(),
    settings: Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2))),
    sql: [],
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
