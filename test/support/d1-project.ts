import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wranglerPath } from '../../scripts/binaries.ts';
import { run } from './program.ts';
import { emptyFolder } from './server.ts';
import { quietConfig, ROOT, wranglerEnvironment } from './targets.ts';

/** Creates a project with a migrated local D1 database, and a function that runs `wrangler d1` in it. */
export async function d1Project() {
  const folder = emptyFolder();
  const config = readFileSync(quietConfig(folder, 'assets'), 'utf8');
  const migrations = `migrations_dir = ${JSON.stringify(join(ROOT, 'drizzle'))}`;
  writeFileSync(
    join(folder, 'wrangler.toml'),
    config
      .replace(/^main = .*$/m, '')
      .replace(/^"[^"]+" = .*$/gm, '')
      .replace(/^migrations_dir = .*$/m, migrations),
  );
  const wrangler = async (...args: string[]) => {
    const command = [process.execPath, wranglerPath(), 'd1', ...args];
    const result = await run(command, folder, wranglerEnvironment(folder), 120_000);
    if (result.status !== 0) throw new Error(result.stdout + result.stderr);
    return result.stdout;
  };
  await wrangler('migrations', 'apply', 'DB', '--local');
  return { folder, wrangler };
}
