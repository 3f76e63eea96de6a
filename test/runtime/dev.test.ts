import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { run } from '../support/program.ts';
import { projectCopy } from '../support/project-copy.ts';
import { LISTENING } from '../support/server.ts';

const dev = (name: string) => ['--import', import.meta.resolve('tsx'), 'scripts/dev.ts', name];

/** A port of 127.0.0.1 on which another server listens. */
async function portInUse(): Promise<number> {
  const other = createServer();
  onTestFinished(() => void other.close());
  const port = await freePort();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  return port;
}

const inUse = (port: number) =>
  `Port ${port} of 127.0.0.1 is in use. Set PORT to another one, or to 0 for any free port.\n`;

test.each(['node', 'deno'])(
  'dev on %s says that it waits for a change if the server cannot start',
  async (name) => {
    const port = await portInUse();
    const watcher = await startProcess({
      label: `dev ${name}`,
      command: process.execPath,
      args: dev(name),
      cwd: projectCopy(),
      env: { ...bareEnvironment(), PORT: String(port) },
      ready: /Waiting for a change of the source\. Ctrl\+C ends it\.\n/,
    });
    onTestFinished(async () => {
      await watcher.stop();
    });
    expect(watcher.output()).toContain(inUse(port));
  },
);

test('dev on bun exits with 1 if the server cannot start', async () => {
  const port = await portInUse();
  const command = [process.execPath, ...dev('bun')];
  const ended = await run(command, projectCopy(), { PORT: String(port) });
  expect(ended).toMatchObject({ status: 1, stderr: inUse(port) });
});

test.runIf(existsSync('/proc/self/task'))(
  'npm start leaves no process of the build beside the server',
  async () => {
    const server = await startProcess({
      label: 'npm start',
      command: process.execPath,
      args: ['scripts/program.mjs', 'serve'],
      // Copied, since the build writes beside the scripts.
      cwd: projectCopy(['scripts', 'src', 'package.json', 'public', 'drizzle', 'openapi.json']),
      env: { ...bareEnvironment(), PORT: '0' },
      ready: LISTENING,
    });
    onTestFinished(async () => {
      await server.stop();
    });
    const threads = `/proc/${server.pid}/task`;
    const children = () =>
      readdirSync(threads)
        .map((thread) => readFileSync(`${threads}/${thread}/children`, 'utf8'))
        .join('');
    await expect.poll(children, { timeout: 5000 }).toBe('');
  },
);
