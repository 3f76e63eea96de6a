// What callers send never decides what a message contains or where its links lead.
import { describe, expect, test } from 'vitest';
import { outbox } from '../../src/core/db/schema.ts';
import type { MailMessage } from '../../src/core/ports.ts';
import { codeOf, createMailRoom, type MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const EMAIL = 'ada@example.com';
const FORGOT = '/auth/password/forgot';
const OWN = 'http://127.0.0.1:8000';
const MINUTE = 60;

const FORGED: readonly Record<string, string>[] = [
  { Host: 'evil.example' },
  { 'X-Forwarded-Host': 'evil.example' },
  { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': '443' },
  { Forwarded: 'host=evil.example;proto=https' },
  {
    'X-Original-Host': 'evil.example',
    'X-Host': 'evil.example',
    'X-Forwarded-Server': 'evil.example',
  },
  { 'X-Original-URL': 'https://evil.example/', 'X-Rewrite-URL': 'https://evil.example/' },
  { Origin: 'https://evil.example', Referer: 'https://evil.example/' },
];

/** The mails since the last call, as the sender was given them. */
async function mails(room: MailRoom): Promise<MailMessage[]> {
  await room.idle();
  return room.senders.sent.splice(0).filter((message) => 'html' in message);
}

const linksIn = (text: string): string[] => text.match(/[a-z][\w+.-]*:\/\/[^\s"'<>]+/g) ?? [];

describe('[S69] a forged Host or X-Forwarded-Host', () => {
  test.each(FORGED)('%j does not appear in a message', async (headers) => {
    const room = await createMailRoom({ TRUSTED_PROXY_HOPS: '0' });
    const { token } = await room.newVerifiedUser(EMAIL);
    const asked: readonly (readonly [string, unknown, Record<string, string>])[] = [
      [FORGOT, { username: EMAIL }, {}],
      ['/auth/code', { username: EMAIL }, {}],
      ['/auth/email/change', { email: 'new@example.com' }, bearer(token)],
    ];
    for (const [path, body, more] of asked) {
      room.advance(MINUTE);
      const init = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers, ...more },
        body: JSON.stringify(body),
      };
      const host = headers.Host ?? '127.0.0.1:8000';
      const answer = await room.app.request(`http://${host}${path}`, init, {
        clientAddress: '203.0.113.7',
      });
      expect([path, answer.status]).toEqual([path, 202]);
      const [mail, ...others] = await mails(room);
      expect(others).toEqual([]);
      const links = [...linksIn(mail?.text ?? ''), ...linksIn(mail?.html ?? '')];
      expect(links.length).toBeGreaterThan(1);
      for (const link of links)
        expect(link).toMatch(new RegExp(`^${OWN}/account/\\w+#[\\w-]{43}$`));
      expect(JSON.stringify(mail)).not.toContain('evil');
    }
  });

  test('the links of PUBLIC_URL and APP_LINKS are the same under a forged Host', async () => {
    const room = await createMailRoom({
      PUBLIC_URL: 'https://id.example.com/base/',
      APP_LINKS: '{"reset": "com.example.app:/reset?token={token}"}',
    });
    await room.newVerifiedUser(EMAIL);
    await room.post(FORGOT, { username: EMAIL }, { Host: 'evil.example' });
    room.advance(MINUTE);
    await room.post('/auth/code', { username: EMAIL }, { Host: 'evil.example' });
    const [reset, login] = await mails(room);
    expect(reset?.text).toMatch(/com\.example\.app:\/reset\?token=[\w-]{43}/);
    expect(login?.text).toMatch(/https:\/\/id\.example\.com\/base\/account\/login#[\w-]{43}/);
    expect(JSON.stringify([reset, login])).not.toContain('evil');
  });
});

describe('[S70] line breaks and markup', () => {
  const NAMES = [
    'Ada\u2028Bcc: eve@example.com',
    '<script>alert(1)</script>',
    '<a href="https://evil.example">reset</a>',
    '{token} {{token}} {address}',
    'https://evil.example/reset',
    '"><img src=x onerror=alert(1)>',
  ];

  test('in a name or bio are in no message', async () => {
    const room = await createMailRoom({ ACCESS_TOKEN_EXPIRE_MINUTES: '2880' });
    const { token } = await room.newVerifiedUser(EMAIL);
    for (const name of NAMES) {
      const body = { name, bio: `${name}\r\nBcc: eve@example.com` };
      const headers = { 'Content-Type': 'application/json', ...bearer(token) };
      const init = { method: 'PUT', headers, body: JSON.stringify(body) };
      const changed = await room.send('/profile/me', init);
      expect(changed.status).toBe(200);
      room.advance(12 * MINUTE);
      await room.post(FORGOT, { username: EMAIL });
      const [mail] = await mails(room);
      const { to, subject, text, html } = mail ?? {};
      expect(to).toBe(EMAIL);
      for (const part of [subject, text, html]) {
        expect(part).toBeDefined();
        expect(part).not.toContain('evil.example');
        expect(part).not.toContain('eve@example.com');
        expect(part).not.toContain('alert(1)');
        expect(part).not.toContain('{token}');
      }
    }
  });

  test('in a typed name reach no sender and no header field of the answer', async () => {
    const room = await createMailRoom();
    await room.newVerifiedUser(EMAIL);
    for (const username of [
      `${EMAIL}\r\nBcc: eve@example.com`,
      `${EMAIL}\nX: y`,
      `${EMAIL}\u0000`,
      `${EMAIL},eve@example.com`,
      `${EMAIL} eve@example.com`,
      `<${EMAIL}>`,
      `"${EMAIL}"@evil.example`,
      `eve@example.com\r\n\r\n${EMAIL}`,
    ]) {
      for (const path of [FORGOT, '/auth/code']) {
        const answer = await room.post(path, { username });
        expect([username, answer.status, await answer.json()]).toEqual([username, 202, {}]);
        expect(JSON.stringify([...answer.headers])).not.toContain('eve');
      }
    }
    expect(await mails(room)).toEqual([]);
    const rows = await room.db.select().from(outbox);
    expect(rows.filter(({ state }) => state === 'waiting')).toEqual([]);
  });

  test('an address is at most one address: those that a header could read as more are refused', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    for (const email of [
      'a@b.example\r\nBcc: eve@example.com',
      'a@b.example\u0085Bcc: eve@example.com',
      'a@b.example\u2028x',
      'a@b.example,eve@example.com',
      'a@b.example;eve@example.com',
      '<a@b.example>',
      'Ada <a@b.example>',
      '"a b"@b.example',
      'a@[127.0.0.1]',
      'a(comment)@b.example',
      'a@b.example?bcc=eve@example.com',
      'a%0d%0aBcc:eve@example.com@b.example',
    ]) {
      const answer = await room.post('/auth/email/change', { email }, bearer(token));
      expect([email, await codeOf(answer)]).toEqual([email, 'validation_failed']);
      const signUp = await room.post('/auth/signup', { email, password: 'analytical engine' });
      expect([email, await codeOf(signUp)]).toEqual([email, 'validation_failed']);
    }
    expect(await mails(room)).toEqual([]);
  });

  test('an address with markup is shown escaped, and an address beyond ASCII with its normal form', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    await room.post('/auth/email/change', { email: "a&b'{}@example.com" }, bearer(token));
    const [mail] = await mails(room);
    expect(mail?.to).toBe("a&b'{}@example.com");
    expect(mail?.html).toContain('a&amp;b&#39;{}@example.com');
    room.advance(MINUTE);
    await room.post('/auth/email/change', { email: 'a@ехаmple.com' }, bearer(token));
    const [lookalike] = await mails(room);
    expect(lookalike?.to).toMatch(/^a@xn--[\w-]+\.com$/);
    expect(lookalike?.text).toMatch(/a@xn--[\w-]+\.com/);
  });

  test('in Accept-Language and User-Agent are in no message', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    const headers = { 'Accept-Language': 'x'.repeat(3000), 'User-Agent': '<b>evil.example</b>' };
    await room.post(FORGOT, { username: EMAIL }, headers);
    const [mail] = await mails(room);
    expect(JSON.stringify(mail)).not.toContain('evil');
  });
});
