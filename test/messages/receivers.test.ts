import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPortableMac } from '../../src/core/crypto/derived-key.ts';
import type { Outbound } from '../../src/core/ports.ts';
import {
  createMailWebhook,
  createSmsWebhook,
} from '../../src/features/messages/senders/webhook.ts';
import { emptyFolder } from '../support/server.ts';

const SECRET = `whsec_${'bXkgc2VjcmV0'.repeat(4)}`;
const TEXT = { id: 'id-of_message', to: '+919876543210', text: '1', kind: 'login', locale: 'en' };
const MAIL = { ...TEXT, to: 'ada@example.com', subject: 'नमस्ते', html: '<p>1</p>' };

interface Receiver {
  fetch(request: Request, env: object): Promise<Response>;
}

/** Writes the receivers of docs/messages.md into a folder, and imports one. */
async function load(name: string): Promise<Receiver> {
  const page = readFileSync(new URL('../../docs/messages.md', import.meta.url), 'utf8');
  const folder = emptyFolder();
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [, code = ''] of page.matchAll(/```js\n([\s\S]*?)```/g)) {
    const file = /^\/\/ (\w+\.js)/.exec(code)?.[1] ?? '';
    writeFileSync(join(folder, file), code);
  }
  const module: { default: Receiver } = await import(
    /* @vite-ignore */ pathToFileURL(join(folder, `${name}.js`)).href
  );
  return module.default;
}

/** Sends by a webhook whose requests a receiver answers. */
async function senders(name: string, env: object = {}, { secret = SECRET, age = 0 } = {}) {
  const receiver = await load(name);
  const fetch: Outbound = async (url, { method, headers, body }) => {
    const init = { method: method ?? 'GET', headers: { ...headers }, body: body ?? null };
    const { status } = await receiver.fetch(new Request(url, init), {
      WEBHOOK_SECRET: SECRET,
      ...env,
    });
    return { status, bytes: new Uint8Array(0) };
  };
  const clock = () => Date.now() - age;
  const parts = {
    url: 'https://hooks.example.com',
    secret,
    fetch,
    createMac: createPortableMac,
    clock,
  };
  return {
    mail: createMailWebhook({ ...parts, from: 'Example <no-reply@example.com>' }),
    sms: createSmsWebhook(parts),
  };
}

/** Answers the requests of a receiver to its provider, and records them. */
function provider(status: number, body: unknown = {}) {
  const requests: Request[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    requests.push(new Request(url, init));
    return Response.json(body, { status });
  });
  return requests;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each(['cloudflare', 'postmark', 'twilio'])('the receiver for %s', (name) => {
  test('accepts no other secret, no old request and no other type', async () => {
    const requests = provider(200);
    const kind = 'misconfigured';
    const other = await senders(name, {}, { secret: `whsec_${'YW5vdGhlciBv'.repeat(4)}` });
    const old = await senders(name, {}, { age: 301_000 });
    const [mail, sms] = [MAIL, TEXT];
    for (const { mail: mailer, sms: texts } of [other, old]) {
      expect([await mailer.send(mail), await texts.send(sms)]).toMatchObject([{ kind }, { kind }]);
    }
    const own = await senders(name);
    expect(await (name === 'twilio' ? own.mail.send(mail) : own.sms.send(sms))).toMatchObject({
      kind,
    });
    expect(requests).toEqual([]);
  });
});

describe('the receiver for cloudflare', () => {
  test.each([
    [undefined, 'sent'],
    ['E_RECIPIENT_SUPPRESSED', 'rejected'],
    ['E_SENDER_NOT_VERIFIED', 'misconfigured'],
    ['E_RATE_LIMIT_EXCEEDED', 'later'],
  ])('%s means %s', async (code, kind) => {
    const sent: unknown[] = [];
    const send = async (message: unknown) => {
      sent.push(message);
      if (code) throw Object.assign(new Error(code), { code });
    };
    const { mail } = await senders('cloudflare', { EMAIL: { send } });
    expect(await mail.send(MAIL)).toMatchObject({ kind });
    expect(sent).toMatchObject([
      {
        from: { name: 'Example', email: 'no-reply@example.com' },
        to: MAIL.to,
        subject: MAIL.subject,
      },
    ]);
  });
});

test.each([
  [200, {}, 'sent'],
  [422, { ErrorCode: 406 }, 'rejected'],
  [422, { ErrorCode: 412 }, 'misconfigured'],
  [401, {}, 'misconfigured'],
  [429, {}, 'later'],
  [500, {}, 'later'],
])('the receiver for postmark: %d %j means %s', async (status, body, kind) => {
  const requests = provider(status, body);
  const { mail } = await senders('postmark', { POSTMARK_TOKEN: 'token' });
  expect(await mail.send(MAIL)).toMatchObject({ kind });
  expect(requests[0]?.headers.get('X-Postmark-Server-Token')).toBe('token');
  expect(await requests[0]?.json()).toMatchObject({ To: MAIL.to, Subject: MAIL.subject });
});

test.each([
  [201, {}, 'sent'],
  [400, { code: 21211 }, 'rejected'],
  [400, { code: 21606 }, 'misconfigured'],
  [401, { code: 20003 }, 'misconfigured'],
  [429, {}, 'later'],
])('the receiver for twilio: %d %j means %s', async (status, body, kind) => {
  const requests = provider(status, body);
  const env = { TWILIO_ACCOUNT: 'AC1', TWILIO_SENDER: 'MG1', TWILIO_TOKEN: 'token' };
  const { sms } = await senders('twilio', env);
  expect(await sms.send(TEXT)).toMatchObject({ kind });
  expect(requests[0]?.url).toBe('https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json');
  expect(Object.fromEntries(new URLSearchParams(await requests[0]?.text()))).toEqual({
    To: TEXT.to,
    MessagingServiceSid: 'MG1',
    Body: TEXT.text,
  });
});
