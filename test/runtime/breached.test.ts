import { describe, expect, test } from 'vitest';
import { Api, uniqueEmail } from '../support/api.ts';
import { startRangeServer } from '../support/range-server.ts';
import { emptyFolder, SERVERS, type ServerName, startServer } from '../support/server.ts';

const password = 'battery staple horse';

describe.each(Object.keys(SERVERS) as ServerName[])('HIBP=on, on %s', (name) => {
  const signUpAt = async (url: string) => {
    const server = await startServer(name, emptyFolder(), { HIBP: 'on', HIBP_URL: url });
    const body = { email: uniqueEmail(), password };
    return { server, answer: await new Api(server.baseUrl).json('POST', '/auth/signup', body) };
  };

  test('POST /auth/signup returns 400 for a breached password', async () => {
    const { url } = await startRangeServer({ [password]: 4 });
    const { answer } = await signUpAt(url);
    expect([answer.status, answer.at('code')]).toEqual([400, 'weak_password']);
    expect(answer.at('errors')).toMatchObject([{ code: 'breached_password' }]);
  });

  test('POST /auth/signup returns 201 if the API’s response never ends', async () => {
    const { url } = await startRangeServer({}, (response) => void response.write('0'.repeat(35)));
    const { answer, server } = await signUpAt(url);
    expect(answer.status).toBe(201);
    await expect.poll(() => server.output()).toContain('"reason":"too_slow"');
  });
});
