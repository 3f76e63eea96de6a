import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINK_ACTIONS } from '../../src/config/message-kinds.ts';
import { en } from '../../src/features/link-pages/texts/en.ts';
import { hi } from '../../src/features/link-pages/texts/hi.ts';
import { LOCALES } from '../../src/features/messages/message.ts';
import { decode } from '../messages/html.ts';
import { createTestApp, json } from '../support/test-app.ts';

const PRODUCTION = {
  APP_ENV: 'production',
  SECRET_KEY: 'bsYq1XgkzNZ8pDdVQb0cQn3jv5T9wJmRrUe7HfLx2Ka4iGoW6yStEhMlPuAzCvFB',
  PASSWORD_ROUNDS: '6',
};
const RESEND = {
  MAIL: 'resend:re_12345678',
  MAIL_FROM: 'a@example.com',
  PUBLIC_URL: 'https://example.com/accounts',
};
const WEBHOOK = {
  SMS: 'webhook:https://sms.example.com',
  MESSAGE_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
  PUBLIC_URL: RESEND.PUBLIC_URL,
};

const TEXTS = { en, hi };
const { app } = await createTestApp();
const ALL = LINK_ACTIONS.flatMap((action) => LOCALES.map((locale) => [action, locale] as const));

const get = (path: string, language?: string, method = 'GET') =>
  app.request(path, { method, headers: language ? { 'Accept-Language': language } : {} });
const pageOf = async (action: string, language?: string) =>
  (await get(`/account/${action}`, language)).text();

/** The links of an app, for some actions. */
const appLinks = (actions: readonly string[]): string =>
  JSON.stringify(
    Object.fromEntries(
      actions.map((action) => [action, `https://app.example.com/${action}#{token}`]),
    ),
  );

describe.each(ALL)('GET /account/%s in %s', (action, locale) => {
  test('answers 200 with header fields of a page that nothing may embed, keep or learn from', async () => {
    const { status, headers } = await get(`/account/${action}`, locale);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      vary: 'Origin, Accept-Language',
    });
  });

  test('has a policy that allows exactly its inline parts, by their SHA-256', async () => {
    const response = await get(`/account/${action}`, locale);
    const text = await response.text();
    const sourceOf = (tag: string) => {
      const parts = [...text.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))];
      expect(parts).toHaveLength(1);
      return `'sha256-${createHash('sha256')
        .update(parts[0]?.[1] ?? '')
        .digest('base64')}'`;
    };
    expect(response.headers.get('Content-Security-Policy')?.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${sourceOf('script')}`,
      `style-src ${sourceOf('style')}`,
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(text).not.toMatch(/ (on[a-z]+|style|src|action)=/);
  });

  test('names no other address, and is not for search engines', async () => {
    const text = await pageOf(action, locale);
    expect(text).toContain('<meta name="robots" content="noindex">');
    expect(text).toContain(`<html lang="${locale}">`);
    expect(text).not.toMatch(/https?:|\/\/[a-z]/);
    expect([...text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['data:,']);
  });

  test('is the same for HEAD, without its body', async () => {
    const [whole, head] = [
      await get(`/account/${action}`, locale),
      await get(`/account/${action}`, locale, 'HEAD'),
    ];
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('Content-Length')).toBe(String((await whole.arrayBuffer()).byteLength));
    for (const name of ['Content-Security-Policy', 'Cache-Control', 'Vary', 'Content-Type']) {
      expect(head.headers.get(name)).toBe(whole.headers.get(name));
    }
  });

  test('contains nothing of its query', async () => {
    const text = await pageOf(
      `${action}?next=https://evil.example&"><script>alert(1)</script>`,
      locale,
    );
    expect(text).toBe(await pageOf(action, locale));
  });
});

/** The operations and texts that the script of a page reads. */
async function dataOf(action: string, locale: string): Promise<Record<string, unknown>> {
  const [, data = '{}'] = /data-page="([^"]*)"/.exec(await pageOf(action, locale)) ?? [];
  return JSON.parse(decode(data));
}

test('each page calls operations of the document, relative to itself', async () => {
  const document = (await (await app.request('/openapi.json')).json()) as {
    paths: Record<string, { post?: unknown }>;
  };
  const paths = async (action: string, page: string) =>
    ((await dataOf(action, 'en')).calls as string[]).map((call) => new URL(call, page).pathname);
  expect(await dataOf('login', 'en')).toEqual({});
  for (const action of ['verify', 'reset', 'change', 'undo']) {
    const called = await paths(action, `http://localhost/account/${action}`);
    for (const path of called) expect([path, document.paths[path]?.post]).not.toContain(undefined);
    expect(await paths(action, `https://example.com/accounts/account/${action}`)).toEqual(
      called.map((path) => `/accounts${path}`),
    );
  }
});

test('the pages are not in the OpenAPI document', async () => {
  expect(await (await app.request('/openapi.json')).text()).not.toContain('/account/');
});

describe('the language of a page', () => {
  test('is the one that Accept-Language prefers, English by default', async () => {
    const languageOf = async (field?: string) =>
      /<html lang="(\w+)">/.exec(await pageOf('reset', field))?.[1];
    expect(await languageOf()).toBe('en');
    expect(await languageOf('hi-IN,hi;q=0.9,en;q=0.8')).toBe('hi');
    expect(await languageOf('fr, en;q=0.2, hi;q=0.1')).toBe('en');
    expect(await languageOf('*;q=0')).toBe('en');
  });

  test('is one of these for any Accept-Language, of which the page contains nothing', async () => {
    const pages = await Promise.all(LOCALES.map((locale) => pageOf('reset', locale)));
    const bytes = Array.from({ length: 0xe0 }, (_, i) => String.fromCharCode(0x20 + i));
    const hostile = fc.oneof(
      fc.string({ unit: fc.constantFrom(...bytes.filter((byte) => byte !== '\x7f')) }),
      fc.string({ unit: fc.constantFrom(...'hien*;q=01., \t"<>-_') }),
      fc.constantFrom(
        'hi"><script>alert(1)</script>',
        'hi,'.repeat(400),
        '__proto__',
        'constructor',
      ),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (field) => {
        expect(pages).toContain(await pageOf('reset', field));
      }),
      { numRuns: 300 },
    );
  });

  /** Each text by its path, such as `done.reset`. */
  const pathsOf = (value: unknown, path = ''): [string, string][] =>
    typeof value === 'string'
      ? [[path, value]]
      : Object.entries(Object(value)).flatMap(([name, member]) =>
          pathsOf(member, `${path}.${name}`),
        );

  test('all languages have the same texts with the same placeholders', () => {
    const shapeOf = (texts: object) =>
      pathsOf(texts).map(([path, text]) => [path, ...(text.match(/\{\w*\}/g) ?? [])]);
    expect(Object.keys(TEXTS).sort()).toEqual([...LOCALES].sort());
    expect(shapeOf(hi)).toEqual(shapeOf(en));
    expect(shapeOf(en).filter((parts) => parts.length > 1)).toEqual([['.retry', '{time}']]);
  });

  test.each(LOCALES)('every text of %s stands in a page', async (locale) => {
    const pages = await Promise.all(LINK_ACTIONS.map((action) => pageOf(action, locale)));
    const data = await Promise.all(LINK_ACTIONS.map((action) => dataOf(action, locale)));
    const shown = pages.join() + JSON.stringify(data);
    for (const [path, text] of pathsOf(TEXTS[locale])) {
      expect([path, shown.includes(text)]).toEqual([path, true]);
      expect([path, text]).toEqual([path, expect.stringMatching(/^\S.*\S$/)]);
    }
  });
});

describe('the pages are', () => {
  const statusesOf = async (settings: Record<string, string>) => {
    const { app: other } = await createTestApp(settings);
    return Promise.all(
      LINK_ACTIONS.map(async (action) => (await other.request(`/account/${action}`)).status),
    );
  };
  const [FOUND, NOT_FOUND] = [LINK_ACTIONS.map(() => 200), LINK_ACTIONS.map(() => 404)];

  test.each([
    ['in development', {}],
    ['without the documentation', { DOCS: 'off' }],
    ['in production with mail', { ...PRODUCTION, ...RESEND }],
    ['in production with text messages alone', { ...PRODUCTION, ...WEBHOOK }],
    ['if one link has no page of an app', { APP_LINKS: appLinks(LINK_ACTIONS.slice(1)) }],
  ])('served %s', async (_, settings) => {
    expect(await statusesOf(settings)).toEqual(FOUND);
  });

  test.each([
    ['if an app has a page for every link', { APP_LINKS: appLinks(LINK_ACTIONS) }],
    ['in production without a sender', PRODUCTION],
    [
      'in production with links of an app alone',
      { ...PRODUCTION, ...RESEND, APP_LINKS: appLinks(LINK_ACTIONS) },
    ],
  ])('not found %s', async (_, settings) => {
    expect(await statusesOf(settings)).toEqual(NOT_FOUND);
    const { app: other } = await createTestApp(settings);
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'DELETE']) {
      const response = await other.request('/account/reset', { method });
      expect([method, response.status, response.headers.get('Allow')]).toEqual([method, 404, null]);
    }
  });

  test.each(['/account', '/account/', '/account/other', '/account/RESET', '/account/reset/x'])(
    'not at %s',
    async (path) => {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        expect((await get(path, undefined, method)).status).toBe(404);
      }
    },
  );

  test('read only', async () => {
    const allow = async (method: string) => {
      const { status, headers } = await get('/account/reset', undefined, method);
      return [status, headers.get('Allow')];
    };
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect(await allow(method)).toEqual([405, 'GET, HEAD, OPTIONS']);
    }
    expect(await allow('OPTIONS')).toEqual([204, 'GET, HEAD, OPTIONS']);
    const slash = await get('/account/reset/');
    expect([slash.status, slash.headers.get('Location')]).toEqual([308, '/account/reset']);
  });
});

test('a page behind a proxy that replaces Host may use a link', async () => {
  const { app: other } = await createTestApp({ ...PRODUCTION, ...RESEND });
  const headers = { Origin: 'https://example.com', Host: 'internal:8000' };
  for (const [path, body] of [
    ['/auth/verification/confirm', {}],
    ['/auth/password/reset', { new_password: 'difference engine' }],
    ['/auth/email/confirm', {}],
    ['/auth/email/undo', {}],
    ['/auth/phone/undo', {}],
  ] as const) {
    const response = await other.request(path, json('POST', { token: 'x', ...body }, headers));
    expect([path, response.status, await response.json()]).toMatchObject([
      path,
      400,
      { code: 'invalid_code' },
    ]);
  }
});
