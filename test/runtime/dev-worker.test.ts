import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startProcess } from '../support/process.ts';
import { run } from '../support/program.ts';
import { projectCopy } from '../support/project-copy.ts';
import { emptyFolder } from '../support/server.ts';
import { wranglerEnvironment } from '../support/targets.ts';

const DEV_WORKER = ['--import', import.meta.resolve('tsx'), 'scripts/dev.ts', 'worker'];

test('dev:worker builds once, migrates, serves, and announces /docs, the demo login and the location of its data', async () => {
  const folder = projectCopy(['wrangler.toml']);
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
  expect(output).toContain('Demo login: 7760873976 with password to_share@123\n');
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

test('dev:worker exits with 1 if the port is in use, and names it', async () => {
  // A server of any protocol. This one never responds.
  const other = createServer();
  onTestFinished(() => void other.close());
  const port = await freePort();
  other.listen(port, '127.0.0.1');
  const settings = { PORT: String(port) };
  const ended = await run(
    [process.execPath, ...DEV_WORKER],
    projectCopy(['wrangler.toml']),
    settings,
  );
  expect(ended).toMatchObject({
    status: 1,
    stderr: `Port ${port} of 127.0.0.1 is in use. Set PORT to another one, or to 0 for any free port.\n`,
  });
});
