import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createPortableMac } from '../../src/core/crypto/derived-key.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import type { MailMessage } from '../../src/core/ports.ts';
import { createResendMailer } from '../../src/features/messages/senders/resend.ts';
import {
  createMailWebhook,
  createSmsWebhook,
} from '../../src/features/messages/senders/webhook.ts';
import { createNativeMac } from '../../src/runtime/ports/native-mac.ts';
import { type ReceivedRequest, startProvider, withJson } from '../support/http-provider.ts';

const FROM = 'Example <no-reply@example.com>';
const fetchPort = createOutbound(fetch);
const mail: MailMessage = {
  id: 'id-of_message',
  to: 'ada@example.com',
  subject: 'नमस्ते',
  text: 'Your code: 123456',
  html: '<p>Your code: 123456</p>',
  kind: 'reset',
  locale: 'hi',
  code: '123456',
};

describe('mail by Resend', () => {
  async function start(limitMs?: number) {
    const standIn = await startProvider(withJson(200, { id: 'of-resend' }));
    const { url: baseUrl } = standIn;
    const parts = { key: 're_12345678', from: FROM, fetch: fetchPort, baseUrl };
    return { ...standIn, mailer: createResendMailer({ ...parts, limitMs }) };
  }

  test('is one request with the key, and the id of the message as its idempotency key', async () => {
    const { mailer, requests } = await start();
    expect(await mailer.send(mail)).toEqual({ kind: 'sent' });
    const { id: _id, kind: _kind, locale: _locale, code: _code, ...content } = mail;
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/emails',
        headers: {
          authorization: 'Bearer re_12345678',
          'idempotency-key': mail.id,
          'content-type': 'application/json',
        },
      },
    ]);
    expect(JSON.parse(requests[0]?.content ?? '')).toEqual({
      ...content,
      from: FROM,
      to: [mail.to],
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  });

  test.each([
    [422, { name: 'validation_error' }, 'rejected', 'status_422 validation_error'],
    [400, 'no JSON', 'rejected', 'status_400'],
    [401, { name: 'restricted_api_key' }, 'misconfigured', 'status_401 restricted_api_key'],
    [403, { name: 'validation_error' }, 'misconfigured', 'status_403 validation_error'],
    [422, { name: 'invalid_from_address' }, 'misconfigured', 'status_422 invalid_from_address'],
    [429, { name: 'daily_quota_exceeded' }, 'later', 'status_429 daily_quota_exceeded'],
    [
      409,
      { name: 'concurrent_idempotent_requests' },
      'later',
      'status_409 concurrent_idempotent_requests',
    ],
    [500, { name: 'to ada@example.com' }, 'later', 'status_500'],
    [302, {}, 'later', 'status_302'],
  ] as const)('%d %j means %s', async (status, answer, kind, reason) => {
    const { mailer, provider } = await start();
    provider.answer = withJson(status, answer);
    expect(await mailer.send(mail)).toEqual({ kind, reason });
  });

  test('whose id was accepted with another text is sent', async () => {
    const { mailer, provider } = await start();
    provider.answer = withJson(409, { name: 'invalid_idempotent_request' });
    expect(await mailer.send(mail)).toEqual({ kind: 'sent' });
  });

  test('rejects on an answer that is too slow, too long, or none', async () => {
    const { mailer, provider } = await start(300);
    provider.answer = (response) => void response.writeHead(200).write('{');
    await expect(mailer.send(mail)).rejects.toMatchObject({ reason: 'too_slow' });
    provider.answer = (response) => response.end('x'.repeat(70_000));
    await expect(mailer.send(mail)).rejects.toMatchObject({ reason: 'too_long' });
    provider.answer = (response) => response.destroy();
    await expect(mailer.send(mail)).rejects.toThrow();
  });
});

describe.each([
  ['in JavaScript', createPortableMac],
  ['of Node', createNativeMac],
])('a webhook, signed by the MAC %s', (_, createMac) => {
  const key = randomBytes(32);
  const secret = `whsec_${key.toString('base64')}`;
  const now = Date.UTC(2026, 0, 1, 12, 0, 0, 999);

  /** The check of a receiver (https://www.standardwebhooks.com), by another implementation of HMAC. */
  function isSigned({ headers, content }: ReceivedRequest): boolean {
    const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${content}`;
    const expected = createHmac('sha256', key).update(text).digest('base64');
    return headers['webhook-signature'] === `v1,${expected}`;
  }

  async function start(limitMs?: number) {
    const standIn = await startProvider();
    const url = `${standIn.url}/hooks?tenant=1`;
    const parts = { url, secret, fetch: fetchPort, createMac, clock: () => now, limitMs };
    return {
      ...standIn,
      mailer: createMailWebhook({ ...parts, from: FROM }),
      sms: createSmsWebhook(parts),
    };
  }

  test('gets mail and text messages, each signed', async () => {
    const { mailer, sms, requests } = await start();
    const text = { id: 'sms', to: '+919876543210', text: '123456 है', kind: 'login', locale: 'hi' };
    expect(await mailer.send(mail)).toEqual({ kind: 'sent' });
    expect(await sms.send(text)).toEqual({ kind: 'sent' });
    expect(requests.map(isSigned)).toEqual([true, true]);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/hooks?tenant=1',
      headers: {
        'content-type': 'application/json',
        'webhook-id': mail.id,
        'webhook-timestamp': String(Math.floor(now / 1000)),
      },
    });
    expect(requests.map(({ content }) => JSON.parse(content))).toEqual([
      { type: 'mail', data: { ...mail, from: FROM } },
      { type: 'sms', data: text },
    ]);
  });

  test.each([
    [202, 'sent'],
    [204, 'sent'],
    [400, 'rejected'],
    [422, 'rejected'],
    [401, 'misconfigured'],
    [403, 'misconfigured'],
    [404, 'misconfigured'],
    [410, 'misconfigured'],
    [301, 'later'],
    [308, 'later'],
    [408, 'later'],
    [409, 'later'],
    [429, 'later'],
    [503, 'later'],
  ])('that answers %d means %s', async (status, kind) => {
    const { mailer, provider, requests } = await start();
    provider.answer = (response) => response.writeHead(status, { Location: '/elsewhere' }).end();
    expect(await mailer.send(mail)).toMatchObject({ kind });
    expect(requests).toHaveLength(1);
  });

  test('may answer with a body of any length, which is not read', async () => {
    const { mailer, provider } = await start(500);
    provider.answer = (response) => response.writeHead(200).write('x'.repeat(1_000_000));
    expect(await mailer.send(mail)).toEqual({ kind: 'sent' });
  });

  test('that does not answer rejects', async () => {
    const { mailer, provider } = await start(200);
    provider.answer = () => {};
    await expect(mailer.send(mail)).rejects.toMatchObject({ reason: 'too_slow' });
    provider.answer = (response) => response.destroy();
    await expect(mailer.send(mail)).rejects.toThrow();
  });
});
