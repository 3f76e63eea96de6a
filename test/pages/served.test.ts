import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { LINK_ACTIONS } from '../../src/config/message-kinds.ts';
import { codeOf, HERE } from '../support/mail-room.ts';
import { readPage } from '../support/page-reader.ts';
import { createPageRoom, NEW_PASSWORD, PASSWORD, PRODUCTION } from '../support/page-room.ts';
import { createTestApp } from '../support/test-app.ts';

const ACTIONS = LINK_ACTIONS.map((action) => `/account/${action}`);
const { PUBLIC_URL: _, ...WITHOUT_URL } = PRODUCTION;
const APP_LINKS = JSON.stringify(
  Object.fromEntries(
    LINK_ACTIONS.map((action) => [action, `https://app.example.com/${action}#{token}`]),
  ),
);

describe('the pages are', () => {
  const statusesOf = async (settings: Record<string, string>) => {
    const { app, logs } = await createTestApp(settings);
    const statuses = await Promise.all(
      ACTIONS.map(async (path) => (await app.request(path)).status),
    );
    return { statuses, app, logs };
  };

  test.each([
    ['in development', {}],
    ['without the documentation', { DOCS: 'off' }],
    ['in production with PUBLIC_URL', PRODUCTION],
    ['if an app has a page for every link', { APP_LINKS }],
  ])('served %s', async (_name, settings) => {
    expect((await statusesOf(settings)).statuses).toEqual(ACTIONS.map(() => 200));
  });

  test.each([
    ['with PAGES=off', { PAGES: 'off', APP_LINKS }],
    ['in production without PUBLIC_URL', WITHOUT_URL],
  ])('not found %s', async (_name, settings) => {
    const { statuses, app } = await statusesOf(settings);
    expect(statuses).toEqual(ACTIONS.map(() => 404));
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'DELETE']) {
      const response = await app.request('/account/reset', { method });
      expect([method, response.status, response.headers.get('Allow')]).toEqual([method, 404, null]);
    }
  });

  test('missing in production without PUBLIC_URL, and the log says why', async () => {
    const { logs } = await statusesOf(WITHOUT_URL);
    expect(logs.filter((line) => line.includes('"pages_off"'))).toHaveLength(1);
  });

  test.each([
    [{ PAGES: 'off' }, 1],
    [{ PAGES: 'off', APP_LINKS }, 0],
    [{}, 0],
  ])('with %s, %d warnings of links that lead nowhere', async (settings, count) => {
    const { logs } = await statusesOf(settings);
    expect(logs.filter((line) => line.includes('"links_without_pages"'))).toHaveLength(count);
  });

  test.each(['/account/other', '/account/RESET', '/account/reset/x', '/account//reset'])(
    'not at %s',
    async (path) => {
      const { app } = await createTestApp();
      for (const method of ['GET', 'POST']) {
        expect((await app.request(path, { method })).status).toBe(404);
      }
    },
  );

  test('not in the OpenAPI document', async () => {
    const { app } = await createTestApp();
    expect(await (await app.request('/openapi.json')).text()).not.toContain('/account/');
  });

  test('without CORS, also for an allowed origin', async () => {
    const { app } = await createTestApp({ CORS_ORIGINS: 'https://app.example.com' });
    const headers = { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'POST' };
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await app.request('/account/login', { method, headers });
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull();
    }
  });
});

test.each([
  ['GET', '/account/other', 404],
  ['POST', '/account/other', 404],
  ['GET', '/account/login/x', 404],
  ['GET', '/account/logout', 405],
  ['GET', '/account/verify/send', 405],
  ['PUT', '/account/login', 405],
])('%s %s is %d with a page', async (method, path, status) => {
  const { app } = await createTestApp();
  const answer = await app.request(path, { method });
  expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
    status,
    'text/html; charset=utf-8',
  ]);
  expect(answer.headers.get('Allow')?.includes('POST')).toBe(status === 405 ? true : undefined);
  expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  const { alert, links } = readPage(await answer.text());
  expect(alert).toBe('There is no such page.');
  const [, target] = Object.values(links).filter((href) => href !== '#content');
  expect(target).toBe(path === '/account/login' ? path : '/account');
});

test('a path that is no page is a problem in JSON, as before', async () => {
  const { app } = await createTestApp();
  for (const path of ['/accounts', '/other', '/ACCOUNT/login']) {
    const answer = await app.request(path);
    expect([path, answer.headers.get('Content-Type')]).toEqual([path, 'application/problem+json']);
  }
});

test('POST /account/signup logs in even if the verification cannot be sent, and logs why', async () => {
  const room = await createPageRoom();
  const visitor = room.newVisitor();
  await visitor.visit('/account/signup');
  await room.db.run(
    sql`create trigger t before insert on outbox begin select raise(abort, 'full'); end`,
  );
  const { path, status, notices } = await visitor.submit({
    email: 'ada@example.com',
    password: PASSWORD,
  });
  expect([status, path, notices]).toEqual([200, '/account/verify', []]);
  expect(room.logs.join()).toContain('verification_not_sent');
  expect((await visitor.visit('/account')).status).toBe(200);
});

describe('at the same moment', () => {
  const statusesOf = async (answers: readonly Promise<Response>[]) =>
    (await Promise.all(answers)).map(({ status }) => status).sort();

  test('two logins by one code start one session', async () => {
    const room = await createPageRoom();
    const { email } = await room.newVerifiedUser();
    const visitor = room.newVisitor();
    await visitor.visit('/account/code');
    await visitor.submit({ username: email });
    const { code = '' } = await room.message();
    const { path, body } = visitor.filled({ code });
    expect(await statusesOf([visitor.post(path, body), visitor.post(path, body)])).toEqual([
      303, 400,
    ]);
  });

  test('two sign-ups with one address create one account', async () => {
    const room = await createPageRoom();
    const visitor = room.newVisitor();
    await visitor.visit('/account/signup');
    const { path, body } = visitor.filled({ email: 'ada@example.com', password: PASSWORD });
    expect(await statusesOf([visitor.post(path, body), visitor.post(path, body)])).toEqual([
      303, 400,
    ]);
    expect(await room.received()).toHaveLength(1);
  });

  test('a link resets a password once, by a page or by the API', async () => {
    const room = await createPageRoom();
    const { email } = await room.newUser();
    const { tokens } = await room.ask('/auth/password/forgot', email);
    const visitor = room.newVisitor();
    await visitor.visit('/account/reset');
    const { path, body } = visitor.filled({
      link: tokens.reset ?? '',
      new_password: NEW_PASSWORD,
    });
    expect((await visitor.post(path, body)).status).toBe(303);
    const again = { token: tokens.reset, new_password: 'analytical engines' };
    expect(await codeOf(await room.post('/auth/password/reset', again))).toBe('invalid_code');
  });
});

test('a database that does not answer is 503 with a page, and says when to retry', async () => {
  const room = await createPageRoom();
  const visitor = room.newVisitor();
  await visitor.visit('/account/forgot');
  const { path, body } = visitor.filled({ username: 'ada@example.com' });
  room.closeDatabase();
  const answer = await visitor.post(path, body);
  expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
    503,
    'text/html; charset=utf-8',
  ]);
  expect(answer.headers.get('Retry-After')).toBe('5');
  expect(await answer.text()).toContain('Something went wrong.');
});

test.each([
  ['/account/login', { username: 'ada@example.com', password: PASSWORD }, 'Log in'],
  ['/account/signup', { email: 'ada@example.com', password: PASSWORD }, 'Create account'],
  ['/account/reset', { link: 'a'.repeat(43), new_password: NEW_PASSWORD }, 'Set new password'],
])(
  'POST %s while the service is overloaded is 503, and the form can be sent again',
  async (path, fields, button) => {
    const room = await createPageRoom({}, { passwordPermits: 1 });
    const visitor = room.newVisitor();
    await visitor.visit(path);
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const tasks: Promise<void>[] = [];
    while (!room.deps.passwordGate.isFull(HERE)) {
      tasks.push(room.deps.passwordGate.admit(HERE, () => held));
    }
    const page = await visitor.submit(fields, { button });
    expect([page.status, page.alert, page.headers.get('Retry-After')]).toEqual([
      503,
      'The service is busy. Try again in a few seconds.',
      '5',
    ]);
    end();
    await Promise.all(tasks);
    expect(page.inputs.password?.value ?? page.inputs.new_password?.value).toBeUndefined();
    const [[name = '', value] = []] = Object.entries(fields);
    expect(page.forms[0]?.values[name]).toBe(value);
  },
);
