import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { wranglerPath } from '../../scripts/binaries.ts';
import { newClientUser, spoilAccessToken, tokensOf } from '../support/client-user.ts';
import { heldUntil, startFaultProxy } from '../support/fault-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { startProcess } from '../support/process.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { ROOT, wranglerEnvironment } from '../support/targets.ts';

const REFRESH = 'POST /auth/refresh';

/** A Worker that shares one client among all requests, which an app should not do. */
const WORKER = `
import { createClient, memoryTokens } from './client.js';
const tokens = memoryTokens();
let client;
export default {
  async fetch(request, env) {
    if (request.method === 'PUT') {
      tokens.set(await request.json());
      client = createClient({ baseUrl: env.API, tokens });
      return new Response();
    }
    const profiles = Promise.all([1, 2, 3].map(() => client.getProfile()));
    if (request.method === 'DELETE') {
      // After the response, the runtime cancels the remaining work of the request.
      await scheduler.wait(1500);
      return new Response();
    }
    return Response.json((await profiles).map(({ status }) => status));
  },
};`;

test('on a Worker, a refresh that was cancelled with its request delays the next request only briefly', async () => {
  const folder = emptyFolder();
  const server = await startServer('node', folder);
  const proxy = await startFaultProxy(server.baseUrl);
  onTestFinished(() => proxy.close());
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/client.ts'],
    outfile: join(folder, 'client.js'),
    bundle: true,
    format: 'esm',
  });
  writeFileSync(join(folder, 'worker.js'), WORKER);
  const worker = await startProcess({
    label: 'wrangler dev',
    command: process.execPath,
    args: [
      wranglerPath(),
      ...['dev', 'worker.js', '--name', 'one-client', '--compatibility-date', '2026-04-21'],
      ...['--ip', '127.0.0.1', '--port', String(await freePort()), '--inspector-port', '0'],
      ...['--var', `API:${proxy.baseUrl}`, '--show-interactive-dev-session=false'],
    ],
    cwd: folder,
    env: wranglerEnvironment(folder),
    ready: /Ready on (http:\/\/127\.0\.0\.1:\d+)/,
  });
  onTestFinished(async () => {
    await worker.stop();
  });
  const url = worker.match[1] ?? '';

  const { store } = await newClientUser(server.baseUrl);
  await spoilAccessToken(store);
  await fetch(url, { method: 'PUT', body: JSON.stringify(await tokensOf(store)) });
  proxy.next(REFRESH, heldUntil(new Promise(() => {})));
  await fetch(url, { method: 'DELETE' });
  expect(proxy.count(REFRESH)).toBe(1);
  const start = performance.now();
  expect(await (await fetch(url)).json()).toEqual([200, 200, 200]);
  expect(performance.now() - start).toBeLessThan(9000);
  // The three calls wait for the first refresh, then start one refresh for all of them.
  expect(proxy.count(REFRESH)).toBe(2);
});
