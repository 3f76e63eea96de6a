import { createServer, type RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Generator, startGenerator } from '../../bench/load/client.ts';
import { get, refresh } from '../../bench/load/requests.ts';

function startedGenerator(): Generator {
  const generator = startGenerator(undefined);
  onTestFinished(() => generator.stop());
  return generator;
}

async function listening(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('the generator reuses its connections and counts the responses', async () => {
  const paths = new Map<string, number>();
  const sockets = new Set<unknown>();
  const port = await listening((request, response) => {
    const path = request.url ?? '';
    paths.set(path, (paths.get(path) ?? 0) + 1);
    sockets.add(request.socket);
    response.end('x'.repeat(100));
  });
  const requests = [get('/a'), get('/b')];
  const job = { name: 'reads', port, seconds: 0.3, connections: 4, requests };
  const result = await startedGenerator().run(job);
  const [a = 0, b = 0] = [paths.get('/a'), paths.get('/b')];
  expect(a + b).toBe(result.answers);
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1);
  expect(sockets.size).toBe(4);
  expect(result.p50).toBeLessThanOrEqual(result.p99);
  expect(result.p99).toBeLessThanOrEqual(result.max);
});

test('it does not exceed a steady rate, and measures slow responses as slow', async () => {
  const port = await listening(async (_, response) => {
    await delay(30);
    response.end('late');
  });
  const result = await startedGenerator().run({
    ...{ name: 'steady', port, seconds: 0.5, connections: 2, perSecond: 20 },
    requests: [get('/')],
  });
  expect(result.answers).toBeGreaterThanOrEqual(9);
  expect(result.answers).toBeLessThanOrEqual(12);
  expect(result.p50).toBeGreaterThanOrEqual(29);
});

test('a request that is delayed by a slow response is timed from when it was due', async () => {
  let count = 0;
  const port = await listening(async (_, response) => {
    count += 1;
    if (count === 10) await delay(500);
    response.end('ok');
  });
  const result = await startedGenerator().run({
    ...{ name: 'stalled', port, seconds: 1.2, connections: 1, perSecond: 100 },
    requests: [get('/')],
  });
  expect(result.max).toBeGreaterThanOrEqual(490);
  // About fifty requests became due during the stall. If they were timed from when they were sent, only the stalled
  // one would look slow.
  expect(result.answers).toBeGreaterThan(80);
  expect(result.p50).toBeLessThan(100);
  expect(result.p99).toBeGreaterThan(400);
});

test('a stopped generator rejects a job at once', async () => {
  const generator = startedGenerator();
  generator.stop();
  const job = { name: 'reads', port: 1, seconds: 5, connections: 1, requests: [get('/')] };
  await expect(generator.run(job)).rejects.toThrow('the load generator has ended');
  await expect(generator.run(job)).rejects.toThrow('the load generator has ended');
});

test('a response other than 200 is an error that names the request', async () => {
  const port = await listening((_, response) => {
    response.writeHead(429).end('slow down');
  });
  const job = { name: 'reads', port, seconds: 5, connections: 2, requests: [get('/limited')] };
  await expect(startedGenerator().run(job)).rejects.toThrow(/GET \/limited answered HTTP\/1.1 429/);
});

test('a response that is much shorter than the first is an error', async () => {
  let count = 0;
  const port = await listening((_, response) => {
    count += 1;
    response.end(count < 20 ? JSON.stringify({ session: 'x'.repeat(1000) }) : 'null');
  });
  const job = { name: 'reads', port, seconds: 5, connections: 2, requests: [get('/session')] };
  await expect(startedGenerator().run(job)).rejects.toThrow(/an answer of \d+ bytes, after one of/);
});

test('a connection that the server closes is an error', async () => {
  const port = await listening((request) => void request.socket.destroy());
  const job = { name: 'reads', port, seconds: 5, connections: 1, requests: [get('/')] };
  await expect(startedGenerator().run(job)).rejects.toThrow('closed a connection');
});

test('each connection refreshes with the token of its last response', async () => {
  const newest = new Map([
    ['a', 0],
    ['b', 0],
  ]);
  const port = await listening(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const [, chain = '', count] = /"refresh_token":"(\w)(\d+)"/.exec(body) ?? [];
    if (newest.get(chain) !== Number(count)) return void response.writeHead(401).end();
    newest.set(chain, Number(count) + 1);
    response.end(JSON.stringify({ refresh_token: `${chain}${Number(count) + 1}` }));
  });
  const job = { name: 'refreshes', port, seconds: 0.2, connections: 2, requests: [refresh()] };
  const generator = startedGenerator();
  const first = await generator.run({ ...job, refreshTokens: ['a0', 'b0'] });
  const second = await generator.run({ ...job, refreshTokens: first.refreshTokens ?? [] });
  expect(second.refreshTokens).toEqual([...newest].map(([chain, count]) => `${chain}${count}`));
  expect([...newest.values()].reduce((sum, count) => sum + count)).toBe(
    first.answers + second.answers,
  );
});
