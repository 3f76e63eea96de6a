import { cpSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess } from '../support/process.ts';
import { run } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { freePort, ROOT, wranglerEnvironment } from '../support/targets.ts';

const DEV_WORKER = ['--import', import.meta.resolve('tsx'), 'scripts/dev.ts', 'worker'];

/**
 * Creates a folder like the project, so that the Worker's settings and data are separate from those of the developer.
 */
function projectCopy(): string {
  const folder = emptyFolder();
  cpSync(join(ROOT, 'wrangler.toml'), join(folder, 'wrangler.toml'));
  for (const name of ['drizzle', 'node_modules', 'package.json', 'public', 'scripts', 'src']) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  return folder;
}

test('dev:worker builds once, migrates, serves, and announces /docs, the demo login and the location of its data', async () => {
  const folder = projectCopy();
  const server = await startProcess({
    label: 'npm run dev:worker',
    command: process.execPath,
    args: DEV_WORKER,
    cwd: folder,
    env: { ...wranglerEnvironment(emptyFolder()), PORT: '0' },
    ready: /Latchkey listens on (http:\/\/127\.0\.0\.1:\d+)[\s\S]*Its data is in .*\n/,
  });
  onTestFinished(async () => {
    await server.stop();
  });
  const url = server.match[1] ?? '';
  const output = server.output();
  expect(output).toContain(`Try it at ${url}/docs\n`);
  expect(output).toContain('Demo login: 7760873976 with the password to_share@123\n');
  expect(output).not.toContain('[custom build]');
  expect(output).not.toContain('restarting');
  expect(output.match(/Ready on/g)).toHaveLength(1);

  const login = await fetch(`${url}/auth/login`, {
    method: 'POST',
    body: new URLSearchParams({ username: '7760873976', password: 'to_share@123' }),
  });
  expect(login.status).toBe(200);
  expect(await (await fetch(`${url}/docs`)).text()).toContain('swagger-ui');
  expect(await server.stop()).toBe(true);
});

test('dev:worker exits with 1 if another server listens on its address, and names the address', async () => {
  // A server of any protocol. This one never responds.
  const other = createServer();
  onTestFinished(() => void other.close());
  const port = await freePort();
  other.listen(port, '127.0.0.1');
  const settings = { PORT: String(port) };
  const ended = await run([process.execPath, ...DEV_WORKER], projectCopy(), settings);
  expect(ended).toMatchObject({
    status: 1,
    stderr: `Another server listens on http://127.0.0.1:${port}. Stop it, or set PORT.\n`,
  });
});
