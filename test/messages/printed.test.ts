import { describe, expect, test } from 'vitest';
import { addUser, MINUTE, queue, resetMessage } from '../support/outbox.ts';
import { createTestApp } from '../support/test-app.ts';

const PATH = '/dev/messages';
const HERE = { clientAddress: '127.0.0.1' };
const HOST = { Host: 'localhost:8000' };

/** An app with the default senders, and a way to send messages by them. */
async function createPrintingApp(settings: Record<string, string> = {}) {
  const printed: string[] = [];
  const test = await createTestApp(settings, { print: (text) => printed.push(text) });
  const { app, deps, db, deliver } = test;
  const userId = await addUser(db);
  return {
    ...test,
    printed,
    async send(...addresses: string[]) {
      for (const to of addresses) {
        const expiresAt = deps.clock() + 15 * MINUTE;
        await queue(db, deps.messages, resetMessage(to), { userId, expiresAt });
        await deliver();
        test.advance(1);
      }
    },
    get: (headers: Record<string, string> = HOST, env: object = HERE, path = PATH) =>
      app.request(path, { headers }, env),
  };
}

describe('in development, messages', () => {
  test('are printed on the console, and listed newest first, and are never in the log', async () => {
    const { send, get, printed, logs } = await createPrintingApp({ LOG_LEVEL: 'debug' });
    await send('ada@example.com', '+919876543210');
    expect(printed[0]).toContain('To: ada@example.com\nSubject: ');
    expect(printed[1]).toContain('To: +919876543210\n\n');
    expect(printed[0]).toContain('token-of-the-message');
    // A text message has the code alone.
    expect(printed[1]).toContain('123456');
    const response = await get();
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-store']);
    expect(await response.json()).toEqual([
      expect.objectContaining({ channel: 'phone', to: '+919876543210', kind: 'reset' }),
      expect.objectContaining({
        channel: 'email',
        at: '2026-01-01T12:00:00.000Z',
        to: 'ada@example.com',
        subject: expect.any(String),
        text: expect.stringContaining('token-of-the-message'),
        html: expect.any(String),
      }),
    ]);
    expect(logs.join()).not.toMatch(/ada@|token-of|123456/);
  });

  test('are kept up to fifty', async () => {
    const { send, get } = await createPrintingApp();
    await send(...Array.from({ length: 53 }, (_, i) => `a${i}@example.com`));
    const list = (await (await get()).json()) as { to: string }[];
    expect([list.length, list[0]?.to, list[49]?.to]).toEqual([
      50,
      'a52@example.com',
      'a3@example.com',
    ]);
  });

  test.each([
    [HOST, { clientAddress: '::1' }],
    [{ Host: '[::1]:8000' }, HERE],
    [{ Host: '127.0.0.1' }, { clientAddress: '::ffff:127.0.0.1' }],
  ])('are listed for a program of this machine: %j from %j', async (headers, env) => {
    const { get } = await createPrintingApp();
    expect((await get(headers, env)).status).toBe(200);
  });

  test.each([
    [{ Host: 'attacker.example' }, HERE],
    [{ Host: 'localhost.attacker.example:8000' }, HERE],
    [{ Host: 'attacker.example:127.0.0.1' }, HERE],
    [{ Host: '' }, HERE],
    [HOST, { clientAddress: '198.51.100.1' }],
    [HOST, { clientAddress: '::ffff:198.51.100.1' }],
    [HOST, {}],
    [{ ...HOST, 'X-Forwarded-For': '127.0.0.1' }, { clientAddress: '198.51.100.1' }],
    [{ ...HOST, 'X-Forwarded-For': '198.51.100.1' }, HERE],
    [{ ...HOST, Forwarded: 'for=198.51.100.1' }, HERE],
  ])('are not found by %j from %j', async (headers, env) => {
    const { send, get } = await createPrintingApp({ TRUSTED_PROXY_HOPS: '1' });
    await send('ada@example.com');
    const response = await get(headers, env);
    const other = await get(headers, env, '/no-such-path');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'not_found' });
    expect(other.status).toBe(404);
  });

  test('are not in the OpenAPI document', async () => {
    const { app } = await createPrintingApp();
    expect(await (await app.request('/openapi.json')).text()).not.toContain('/dev/');
  });
});

const PRODUCTION = {
  APP_ENV: 'production',
  SECRET_KEY: 'bsYq1XgkzNZ8pDdVQb0cQn3jv5T9wJmRrUe7HfLx2Ka4iGoW6yStEhMlPuAzCvFB',
  PASSWORD_ROUNDS: '6',
};

describe('in production', () => {
  test('there is no list of messages', async () => {
    const { app, get } = await createPrintingApp(PRODUCTION);
    expect((await get()).status).toBe(404);
    expect((await app.request(PATH, { method: 'POST' }, HERE)).status).toBe(404);
  });

  test('without a sender and a public URL, the start warns once of each, nothing is sent, and /readyz says so', async () => {
    const { deps, logs, app, send, db } = await createPrintingApp(PRODUCTION);
    expect(logs.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'warn', event: 'messages_off' }),
      expect.objectContaining({ level: 'warn', event: 'pages_off' }),
    ]);
    expect([deps.messages.canSend('email'), deps.messages.canSend('phone')]).toEqual([
      false,
      false,
    ]);
    await send('ada@example.com');
    expect(await db.all('select state from outbox')).toEqual([{ state: 'waiting' }]);
    expect(await (await app.request('/readyz')).json()).toEqual({
      status: 'ready',
      messages: 'off',
    });
  });
});

test('with a sender for one channel, that one can send', async () => {
  const { deps } = await createPrintingApp({
    ...PRODUCTION,
    PUBLIC_URL: 'https://accounts.example.com',
    MAIL: 'resend:re_12345678',
    MAIL_FROM: 'a@example.com',
  });
  expect([deps.messages.canSend('email'), deps.messages.canSend('phone')]).toEqual([true, false]);
});

test('SMTP on a platform without connections stops the start, and the error names MAIL', async () => {
  const settings = { MAIL: 'smtp://localhost', MAIL_FROM: 'a@example.com' };
  await expect(createTestApp(settings)).rejects.toThrow(/MAIL: must not be SMTP on Workers/);
});
