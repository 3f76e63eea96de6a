import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Api } from './api.ts';
import { freePort } from './free-port.ts';
import { bareEnvironment, startProcess } from './process.ts';
import { emptyFolder } from './server.ts';
import { ROOT } from './targets.ts';

/** What the scripts of package.json need of a clone. */
export const TRACKED = [
  'drizzle',
  'openapi.json',
  'package.json',
  'public/passwords',
  'scripts',
  'src',
  'tsconfig.json',
  'wrangler.toml',
];

/** Copies the project as a clone contains it, with the packages that `npm ci` installs. */
export function freshCopy(): string {
  const folder = emptyFolder();
  for (const path of TRACKED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Runs a script of package.json until it reports its URL. */
export async function npmRun(
  folder: string,
  script: string,
  settings: Record<string, string> = {},
) {
  const server = await startProcess({
    label: `npm run ${script}`,
    command: 'npm',
    args: ['run', script],
    cwd: folder,
    env: {
      ...bareEnvironment(),
      PORT: String(await freePort()),
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      NO_COLOR: '1',
      ...settings,
    },
    ready: /(?:listens on|Ready on|info] -) (http:\/\/127\.0\.0\.1:\d+)/,
  });
  onTestFinished(async () => {
    await server.stop();
  });
  return { server, api: new Api(server.match[1] ?? '') };
}
