import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bunPath, denoPath, tsxPath } from '../../scripts/binaries.ts';
import { VERSION } from '../../src/core/version.ts';
import type { Sent } from '../support/outbound-sends.ts';
import { run } from '../support/program.ts';
import { startRangeServer } from '../support/range-server.ts';
import { ROOT } from '../support/targets.ts';

const RUNTIMES = {
  node: [process.execPath, tsxPath()],
  bun: [bunPath()],
  deno: [denoPath(), 'run', '-A'],
} as const;

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/**
 * Starts a server that answers the first request of each connection and keeps the connection alive, but drops it at the
 * next request. It also drops the connection of each request to `/lost`.
 */
async function startForgetfulServer(lose: (socket: Socket) => void) {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let answered = 0;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (text: string) => {
      const line = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(text)?.[1];
      // A chunk without a request line is the rest of a body.
      if (line === undefined) return;
      seen.push(line);
      answered += 1;
      if (answered > 1 || line.endsWith('/lost')) lose(socket);
      else socket.write(ANSWER);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('It does not listen');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

/** Sends requests through the `fetch` that a runtime provides to the app. Returns their outcomes. */
async function outcomesOf(name: keyof typeof RUNTIMES, requests: readonly Sent[]) {
  const program = join(ROOT, 'test/support/outbound-sends.ts');
  const command = [...RUNTIMES[name], program, name, JSON.stringify(requests)];
  const { stdout, stderr } = await run(command, ROOT);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as unknown[];
}

describe.each(Object.keys(RUNTIMES) as (keyof typeof RUNTIMES)[])('%s', (name) => {
  test.each<[string, (socket: Socket) => void]>([
    ['closes', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
  ])(
    '[S60] sends each outgoing request once to a server that %s kept-alive connections',
    async (_, lose) => {
      const { url, seen } = await startForgetfulServer(lose);
      const kinds = [
        { method: 'GET' },
        { method: 'POST' },
        { method: 'POST', body: '' },
        { method: 'POST', body: 'x' },
        { method: 'PUT', body: 'x' },
        { method: 'GET' },
        { method: 'PATCH', body: 'x' },
        { method: 'DELETE' },
        { method: 'POST' },
      ];
      // The last request of each kind leaves a kept-alive connection for the next kind.
      const requests = kinds.flatMap((kind, index) =>
        ['1', '2', 'lost', '3'].map((at) => ({ ...kind, url: `${url}/${index}/${at}` })),
      );
      const outcomes = await outcomesOf(name, requests);
      expect(seen).toEqual(
        requests.map((request) => `${request.method} ${new URL(request.url).pathname}`),
      );
      expect(outcomes.filter((_, index) => requests[index]?.url.endsWith('/lost'))).toEqual(
        kinds.map(() => 'failed'),
      );
      expect(new Set(outcomes)).toEqual(new Set([200, 'failed']));
    },
  );

  test('reads a response to its end, or until it exceeds a bound', async () => {
    const closed: string[] = [];
    const { url, requests } = await startRangeServer({}, (response) => {
      const path = response.req.url?.replace('/range/', '') ?? '';
      response.once('close', () => closed.push(path));
      if (path === 'none') response.writeHead(204).end();
      else if (path === 'moved') response.writeHead(302, { Location: url }).end();
      else if (path === 'short') response.end('x'.repeat(1000));
      // The response does not end, so only the client can close the connection.
      else response.writeHead(path === 'missing' ? 404 : 200).write('x'.repeat(1001));
    });
    const sent = ['none', 'moved', 'short', 'long', 'missing'].map((path) => ({
      url: url + path,
      ...(path === 'missing' && { expects: 200 }),
    }));
    expect(await outcomesOf(name, sent)).toEqual([204, 302, 200, 'too_long', 'status_404']);
    expect(requests.map((request) => request.headers['user-agent'])).toEqual(
      Array(5).fill(`latchkey/${VERSION}`),
    );
    expect(closed).toEqual(['none', 'moved', 'short', 'long', 'missing']);
  });

  test('a status that no Response can have does not stop the process', async () => {
    const { url } = await startRangeServer({}, (response) => {
      response.writeHead(response.req.url?.endsWith('odd') ? 999 : 200).end();
    });
    const sent = [{ url: `${url}odd` }, { url: `${url}odd`, method: 'POST', body: 'x' }, { url }];
    expect((await outcomesOf(name, sent))[2]).toBe(200);
  });

  test('[S60] rejects file: and data: URLs', async () => {
    const urls = ['file:///etc/hostname', 'FILE:///etc/hostname', 'data:,x'];
    expect(
      await outcomesOf(
        name,
        urls.map((url) => ({ url })),
      ),
    ).toEqual(urls.map(() => 'unsupported_scheme'));
  });
});
