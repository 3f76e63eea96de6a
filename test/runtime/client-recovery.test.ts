import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createClient, memoryTokens } from '../../src/client/client.ts';
import { uniqueEmail } from '../support/api.ts';
import { PASSWORD, problemOf, tokensOf } from '../support/client-user.ts';
import { type ReceivedRequest, startProvider } from '../support/http-provider.ts';
import { emptyFolder, SERVERS, type ServerName, startServer } from '../support/server.ts';

const KEY = Buffer.alloc(32, 7);
const NEW_PASSWORD = 'difference engine';

const deliverySchema = z.object({
  type: z.literal('mail'),
  data: z.object({ id: z.string(), from: z.string(), to: z.string(), text: z.string() }),
});

type Mail = z.infer<typeof deliverySchema>['data'];

/** The mails that a webhook has received, with valid signatures (Standard Webhooks). */
const mailsOf = (requests: readonly ReceivedRequest[]): Mail[] =>
  requests.map(({ headers, content }) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${content}`;
    const mac = createHmac('sha256', KEY).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    return deliverySchema.parse(JSON.parse(content)).data;
  });

/** Starts a server that sends mail by webhook, and a client of it. */
async function createRoom(name: ServerName) {
  const { url, requests } = await startProvider();
  const { baseUrl } = await startServer(name, emptyFolder(), {
    MAIL: `webhook:${url}/mail`,
    MAIL_FROM: 'Example <no-reply@example.com>',
    MESSAGE_WEBHOOK_SECRET: `whsec_${KEY.toString('base64')}`,
    APP_LINKS: JSON.stringify({ reset: 'https://app.example.com/reset?token={token}' }),
    TRUSTED_PROXY_HOPS: '1',
  });
  let address = '203.0.113.7';
  const store = memoryTokens();
  const client = createClient({
    baseUrl,
    tokens: store,
    onSignedOut: () => {},
    fetch: (target, init) =>
      fetch(target, { ...init, headers: { ...init.headers, 'X-Forwarded-For': address } }),
  });
  return {
    client,
    store,
    /** Calls from another network from now on. */
    moveTo: (network: string) => {
      address = network;
    },
    /** Waits until that many messages have arrived. Returns the last one. */
    async nextMail(count: number): Promise<Mail> {
      await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(count);
      const mail = mailsOf(requests).at(-1);
      if (!mail) throw new Error('No message has arrived');
      return mail;
    },
  };
}

describe.each(Object.keys(SERVERS) as ServerName[])('latchkey-client on %s', (name) => {
  test('a forgotten password is reset by the link of a webhook; then a code logs in', async () => {
    const { client, store, moveTo, nextMail } = await createRoom(name);
    const email = uniqueEmail();
    await client.signUp({ email, password: PASSWORD }, { login: true });
    await client.forgotPassword('nobody@example.com');
    await client.forgotPassword(email);
    const reset = await nextMail(1);
    expect(reset).toMatchObject({ to: email, from: 'Example <no-reply@example.com>' });
    const [, token = ''] =
      /https:\/\/app\.example\.com\/reset\?token=([\w-]{43})\s/.exec(reset.text) ?? [];
    await client.resetPassword({ token, new_password: NEW_PASSWORD });
    const replay = { token, new_password: 'a third engine' };
    expect((await problemOf(client.resetPassword(replay))).code).toBe('invalid_code');
    expect((await nextMail(2)).to).toBe(email);
    expect((await problemOf(client.getProfile())).code).toBe('invalid_refresh_token');
    expect(await store.get()).toBeUndefined();

    // A minute has not passed, but requests from an unknown network have a quota of their own.
    moveTo('198.51.100.9');
    await client.requestLoginCode(email);
    const [, code = ''] = /^(\d{6})$/m.exec((await nextMail(3)).text) ?? [];
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await problemOf(client.logInByCode({ username: email, code: wrong }))).code).toBe(
      'invalid_code',
    );
    await client.logInByCode({ username: email, code });
    expect((await client.getProfile()).data).toMatchObject({ email, email_verified: true });
    expect((await client.refreshTokens())?.login).toBe((await tokensOf(store)).login);
    await client.logOut();
    await client.logIn(email, NEW_PASSWORD);
  });
});
