import { describe, expect, test } from 'vitest';
import { HERE } from '../support/mail-room.ts';
import { OPEN_PAGES } from '../support/open-pages.ts';
import {
  BEHIND_PROXY,
  createPageRoom,
  NEW_PASSWORD,
  PASSWORD,
  PRODUCTION,
} from '../support/page-room.ts';
import { createVisitor } from '../support/page-visitor.ts';
import { createTestApp } from '../support/test-app.ts';

const room = await createPageRoom();
const { email } = await room.newVerifiedUser();

/** A visitor of a page, and the form token of the page. */
async function open(path: string) {
  const visitor = room.newVisitor();
  const page = await visitor.visit(path);
  return { visitor, page, form: page.forms[0]?.values.form ?? '' };
}

const FILLED = {
  username: email,
  email: 'eve@example.com',
  password: PASSWORD,
  new_password: NEW_PASSWORD,
  code: '000000',
  link: 'a'.repeat(43),
};

describe.each(OPEN_PAGES)('GET %s', (path) => {
  test('[S74] answers 200 with a policy that nothing inline and nothing foreign passes, never stored', async () => {
    const { page } = await open(path);
    expect(page.status).toBe(200);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(page.headers.has('Access-Control-Allow-Origin')).toBe(false);
    expect(page.html).not.toMatch(/ on[a-z]+=| style=|<style|<script>/);
    expect(Object.values(page.links).every((href) => /^[/#]/.test(href))).toBe(true);
  });

  test('HEAD answers the same without a body; a trailing slash leads here; other methods are 405', async () => {
    const visitor = room.newVisitor();
    const head = await visitor.send(path, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const slash = await visitor.send(`${path}/`);
    expect([slash.status, slash.headers.get('Location')]).toEqual([308, path]);
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const answer = await visitor.send(path, { method });
      expect([answer.status, answer.headers.get('Allow')]).toEqual([
        405,
        'GET, HEAD, OPTIONS, POST',
      ]);
    }
  });

  test('contains nothing of its query', async () => {
    const { visitor, page } = await open(path);
    const query = [
      'to=//evil.example',
      'to=https://evil.example',
      'to=/\\evil.example',
      'to=/account/../evil',
      'to=__proto__',
      'done=__proto__',
      'done=constructor',
      'done="><script>alert(1)</script>',
      'username=eve&link=eve&code=eve',
    ];
    for (const each of query) {
      expect((await visitor.visit(`${path}?${each}`)).html).toBe(page.html);
    }
  });

  test('the Host of the request stands nowhere in the page', async () => {
    const { visitor } = await open(path);
    const page = await visitor.visit(path, {
      Host: 'evil.example',
      'X-Forwarded-Host': 'evil.example',
    });
    expect(page.html).not.toContain('evil');
  });
});

describe.each(OPEN_PAGES)('POST %s', (path) => {
  test.each([
    ['a foreign Origin', { Origin: 'https://evil.example' }],
    ['Origin: null', { Origin: 'null' }],
    ['a sibling subdomain', { Origin: 'http://evil.localhost' }],
    ['another port', { Origin: 'http://localhost:8081' }],
    ['a cross-site request', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a same-site request', { 'Sec-Fetch-Site': 'same-site' }],
    ['a request of no page', { 'Sec-Fetch-Site': 'none' }],
  ])('[S72] 403 for %s', async (_, headers) => {
    const { visitor, form } = await open(path);
    const answer = await visitor.post(path, new URLSearchParams({ ...FILLED, form }), headers);
    expect(answer.status).toBe(403);
    const html = await answer.text();
    expect(html).toContain('role="alert"');
    expect(html).toContain(`<a href="${path}">Open the page again</a>`);
  });

  test('[S72] 403 without Origin, without the cookie, and for a token that is missing, cut or of another browser', async () => {
    const { visitor, form } = await open(path);
    const other = await open(path);
    const body = (token?: string) =>
      new URLSearchParams({ ...FILLED, ...(token !== undefined && { form: token }) });
    const answers = [
      await visitor.send(path, { method: 'POST', body: body(form) }),
      await visitor.post(path, body(form), { Cookie: 'a=b' }),
      await visitor.post(path, body()),
      await visitor.post(path, body(form.slice(1))),
      await visitor.post(path, body(other.form)),
      await room.newVisitor().post(path, body(form)),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
  });

  test('413 for 128 KB, 415 for multipart and JSON, 422 for 17 fields, 400 for invalid UTF-8', async () => {
    const { visitor, form } = await open(path);
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, 'x']));
    const multipart = new FormData();
    for (const [name, value] of Object.entries({ ...FILLED, form })) multipart.set(name, value);
    const urlEncoded = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const statusOf = async (body: BodyInit, headers?: Record<string, string>) =>
      (await visitor.post(path, body, headers)).status;
    const large = new URLSearchParams({ ...FILLED, form, name: 'x'.repeat(128 * 1024) });
    expect(await statusOf(large)).toBe(413);
    expect(await statusOf(multipart)).toBe(415);
    expect(await statusOf('{}', { 'Content-Type': 'application/json' })).toBe(415);
    expect(await statusOf(new URLSearchParams({ ...many, form }))).toBe(422);
    expect(await statusOf(`form=${form}&username=%ff`, urlEncoded)).toBe(400);
  });

  test('[S74] escapes every value that it shows again', async () => {
    const { visitor, form } = await open(path);
    const evil = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;`;
    const fields = ['username', 'email', 'phone', 'name', 'code', 'link', 'channel', 'password'];
    const body = new URLSearchParams({ form, new_password: 'short' });
    for (const name of fields) body.set(name, evil);
    const answer = await visitor.post(path, body);
    const html = await answer.text();
    expect(html).not.toMatch(/<script>|<img|onerror=alert\(1\)>[^&]/);
    expect(html).not.toContain(evil);
  });

  test('a value with line breaks sets no header field and no cookie', async () => {
    const { visitor, form } = await open(path);
    const evil = 'a\r\nSet-Cookie: latchkey_session=evil\r\n\r\n<b>';
    const body = new URLSearchParams({ ...FILLED, form, username: evil, name: evil, link: evil });
    const answer = await visitor.post(`${path}?to=${encodeURIComponent(evil)}`, body);
    expect(answer.headers.getSetCookie().join()).not.toContain('evil');
    expect(answer.headers.get('Location') ?? '').not.toContain('evil');
  });
});

test('a form that was shown before the login of another tab is rejected after it', async () => {
  const { visitor, form } = await open('/account/forgot');
  await visitor.visit('/account/login');
  await visitor.submit({ username: email, password: PASSWORD }, { button: 'Log in' });
  const body = new URLSearchParams({ form, username: email });
  expect((await visitor.post('/account/forgot', body)).status).toBe(403);
});

test.each(['//evil.example', 'https://evil.example', '/account/login', '/auth/login', '__proto__'])(
  '[S74] after a login, ?to=%s leads to the account',
  async (to) => {
    const { visitor } = await open(`/account/login?to=${encodeURIComponent(to)}`);
    const page = await visitor.submit(
      { username: email, password: PASSWORD },
      { button: 'Log in' },
    );
    expect(page.redirects).toEqual(['/account']);
  },
);

test('malformed and doubled cookies are no session and no form', async () => {
  for (const cookie of [
    'latchkey_session=; latchkey_form=',
    'latchkey_session=a.1.b; latchkey_form=x',
    `latchkey_session=${'a'.repeat(22)}.1.${'b'.repeat(43)}`,
    `latchkey_form=${'%'.repeat(22)}`,
    '__proto__=1; latchkey_session=__proto__',
  ]) {
    const page = await room.newVisitor().visit('/account', { Cookie: cookie });
    expect(page.path).toBe('/account/login');
    expect(page.status).toBe(200);
  }
});

test('links of messages never come from Host', async () => {
  const own = await createPageRoom({ PUBLIC_URL: 'http://127.0.0.1:8000/accounts' });
  const { email: name } = await own.newUser();
  const visitor = own.newVisitor({ origin: 'http://127.0.0.1:8000', prefix: '/accounts' });
  await visitor.visit('/account/forgot', { Host: 'evil.example' });
  await visitor.submit({ username: name }, { headers: { Host: 'evil.example' } });
  const { text } = await own.message();
  expect(text).toContain('http://127.0.0.1:8000/accounts/account/reset#');
  expect(text).not.toContain('evil');
});

describe('in production, behind a proxy', () => {
  const visitorOf = async () => {
    const { app } = await createTestApp(PRODUCTION);
    return createVisitor(
      (path, init) => app.request(path, init, { clientAddress: HERE }),
      BEHIND_PROXY,
    );
  };

  test('all links and forms stay below the path; the cookies have the prefix __Host-', async () => {
    const visitor = await visitorOf();
    for (const path of OPEN_PAGES) {
      const { html } = await visitor.visit(path);
      const addresses = [...html.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, to]) => to);
      expect(
        addresses.filter((to) => !/^(\/accounts\/account|#content$|data:,$)/.test(to ?? '')),
      ).toEqual([]);
    }
    await visitor.visit('/account/signup');
    const home = await visitor.submit({ email: 'ada@example.com', password: PASSWORD });
    expect(home.path).toBe('/account');
    expect([...visitor.cookies.keys()].sort()).toEqual([
      '__Host-latchkey_device',
      '__Host-latchkey_form',
      '__Host-latchkey_session',
    ]);
  });

  test('a trailing slash leads to the page below the path', async () => {
    const visitor = await visitorOf();
    for (const path of OPEN_PAGES) {
      const { status, headers } = await visitor.send(`${path}/?done=loggedOut`);
      expect([status, headers.get('Location')]).toEqual([308, `/accounts${path}?done=loggedOut`]);
    }
  });

  test('the cookies are HttpOnly, Secure, SameSite=Lax and of this host', async () => {
    const visitor = await visitorOf();
    const answer = await visitor.send('/account/login');
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-latchkey_form=[\w-]{22}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
  });

  test('[S72] only the origin of PUBLIC_URL may submit, whatever Host says', async () => {
    const visitor = await visitorOf();
    await visitor.visit('/account/login');
    const { path, body } = visitor.filled(
      { username: 'ada@example.com', password: PASSWORD },
      { button: 'Log in', action: '/account/login' },
    );
    const headers = { Origin: 'https://evil.example', Host: 'evil.example' };
    expect((await visitor.post(path, body, headers)).status).toBe(403);
    expect((await visitor.post(path, body, { Host: 'evil.example' })).status).toBe(400);
  });
});
