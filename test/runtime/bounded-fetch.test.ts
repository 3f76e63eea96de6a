import { createServer, type ServerResponse } from 'node:http';
import { LibsqlError } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { createBoundedFetch } from '../../src/runtime/databases/bounded-fetch.ts';

/** Far longer than the duration of a request on any machine. */
const LIMIT_MS = 300;

/** Starts a server that handles each request with `answers`. Returns its URL and the paths that it has received. */
async function serverThat(answers: (response: ServerResponse, path: string) => void) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    answers(response, request.url ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('It does not listen');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error: unknown) => error,
  );

test('returns a response unchanged', async () => {
  const { url } = await serverThat((response) => {
    response.writeHead(418, { 'X-Kind': 'teapot' }).end('short and stout');
  });
  const answer = await createBoundedFetch({ atOnce: 1 })(url);
  expect([answer.status, answer.headers.get('X-Kind')]).toEqual([418, 'teapot']);
  expect(await answer.text()).toBe('short and stout');
});

test.each([
  ['no response', () => {}],
  ['half a response', (response: ServerResponse) => void response.write('half')],
])('%s within the timeout causes a LibsqlError SERVER_TIMEOUT', async (_, answers) => {
  const { url, seen } = await serverThat(answers);
  const error = await errorOf(createBoundedFetch({ atOnce: 1, limitMs: LIMIT_MS })(url));
  expect(error).toBeInstanceOf(LibsqlError);
  expect(error).toMatchObject({ code: 'SERVER_TIMEOUT' });
  expect(seen).toEqual(['/']);
});

test.each([
  ['is closed before its response', (response: ServerResponse) => void response.destroy()],
  [
    'is closed during its response',
    (response: ServerResponse) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.destroy());
    },
  ],
])(
  'a connection that %s causes a LibsqlError SERVER_UNREACHABLE, and nothing is sent twice',
  async (_, answers) => {
    const { url, seen } = await serverThat(answers);
    const send = createBoundedFetch({ atOnce: 1 });
    const error = await errorOf(send(url, { method: 'POST', body: 'x' }));
    expect(error).toBeInstanceOf(LibsqlError);
    expect(error).toMatchObject({ code: 'SERVER_UNREACHABLE', cause: expect.any(TypeError) });
    expect(seen).toEqual(['/']);
  },
);

test('sends at most the permitted number of requests at once, and the others in order, even after a failure', async () => {
  const open: ServerResponse[] = [];
  const { url, seen } = await serverThat((response) => void open.push(response));
  const send = createBoundedFetch({ atOnce: 2 });
  const paths = ['/a', '/b', '/c', '/d'];
  const all = paths.map((path) => errorOf(send(url + path)));
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(() => open.length === 2);
  open[0]?.destroy();
  await until(() => open.length === 3);
  expect(seen.slice(2)).toEqual(['/c']);
  open[1]?.end();
  await until(() => open.length === 4);
  for (const response of open) response.end();
  expect(
    (await Promise.all(all)).map((outcome) => outcome === 'none').filter(Boolean),
  ).toHaveLength(3);
});

test('the timeout includes the wait in the queue: requests behind a silent server time out as well', async () => {
  const { url, seen } = await serverThat((response, path) => {
    if (path !== '/silent') response.end();
  });
  const send = createBoundedFetch({ atOnce: 1, limitMs: LIMIT_MS });
  const begun = performance.now();
  const errors = await Promise.all(
    ['/silent', '/behind', '/last'].map((path) => errorOf(send(url + path))),
  );
  expect(performance.now() - begun).toBeLessThan(2 * LIMIT_MS);
  expect(errors.map((error) => error instanceof LibsqlError && error.code)).toEqual(
    Array(3).fill('SERVER_TIMEOUT'),
  );
  expect(await errorOf(send(`${url}/after`))).toBe('none');
  expect(seen.at(-1)).toBe('/after');
});
