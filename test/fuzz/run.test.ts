import { serve } from '@hono/node-server';
import { expect, onTestFinished, test } from 'vitest';
import { MemoryFiles } from '../support/memory-files.ts';
import { createTestApp } from '../support/test-app.ts';
import { fuzz } from './run.ts';

/** Enough to cover every operation with every kind of request. */
const COUNT = 60;

type Falsify = (request: Request, answer: Response) => Response | Promise<Response>;

/** Serves an app whose responses pass through `falsify`. Returns its base URL. */
async function serveFalsified(falsify: Falsify): Promise<string> {
  const { app } = await createTestApp({}, { files: new MemoryFiles() });
  const server = serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => falsify(request, await app.fetch(request)),
  });
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The server does not listen');
  return `http://127.0.0.1:${address.port}`;
}

const run = async (falsify: Falsify) => {
  const baseUrl = await serveFalsified(falsify);
  return fuzz({ baseUrl, isBehindProxy: false, seed: 1, count: COUNT });
};

const isProfile = (request: Request) => new URL(request.url).pathname === '/profile/me';

test('an API that conforms to its document passes', async () => {
  const { requests, statuses } = await run((_, answer) => answer);
  expect(requests).toBe(COUNT);
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(COUNT);
});

test('a failure reports the seed, the request and the command that repeats it', async () => {
  const falsify: Falsify = async (request, answer) => {
    if (!isProfile(request) || answer.status !== 200) return answer;
    const body = { ...Object(await answer.json()), password_hash: 'x' };
    return new Response(JSON.stringify(body), answer);
  };
  const failure = await run(falsify).then(
    () => 'none',
    (error: Error) => error.message,
  );
  expect(failure).toMatch(/seed 1, request \d+/);
  expect(failure).toContain('"unevaluatedProperty":"password_hash"');
  expect(failure).toMatch(/^(GET|HEAD|PUT|PATCH) \/profile\/me/m);
  expect(failure).toMatch(/npm run test:fuzz -- --seed 1 --at \d+/);
  expect(failure).not.toMatch(/eyJ[\w-]+\./);
});

test('[S29] the fuzzer reports an API that ends a session of another account', async () => {
  const falsify: Falsify = (request, answer) =>
    request.method === 'DELETE' &&
    /^\/auth\/sessions\/./.test(new URL(request.url).pathname) &&
    answer.status === 404
      ? new Response(null, { status: 204, headers: answer.headers })
      : answer;
  await expect(run(falsify)).rejects.toThrow('[S29] an id of another account is accepted');
});

test('the fuzzer reports an API that rejects a live token', async () => {
  // Not /profile/me, which the fuzzer reads itself to see whether the accounts are still there.
  const falsify: Falsify = (request, answer) => {
    const { pathname } = new URL(request.url);
    if (pathname !== '/api/v1/user/profile' || answer.status !== 200) return answer;
    return Response.json(
      { code: 'invalid_token' },
      { status: 401, headers: { 'Content-Type': 'application/problem+json' } },
    );
  };
  await expect(run(falsify)).rejects.toThrow(
    'a token was rejected although its session has not ended',
  );
});
