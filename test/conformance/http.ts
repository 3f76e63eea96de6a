import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { FILES_PATH } from '../../src/features/docs/page.ts';
import { uniqueEmail } from '../support/api.ts';
import { DOCS_BUNDLE } from '../support/docs-paths.ts';
import { createVisitor } from '../support/page-visitor.ts';
import type { Part } from './suite.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const ORIGIN = 'http://localhost:8081';

export const http: Part = (api) => {
  test('GET / redirects to /docs', async () => {
    const answer = await api().get('/');
    expect([answer.status, answer.headers.get('Location')]).toEqual([302, '/docs']);
  });

  test.each([
    ['/docs', 'text/html; charset=utf-8', 'no-cache'],
    [DOCS_BUNDLE, 'text/javascript; charset=utf-8', IMMUTABLE],
    [`${FILES_PATH}/swagger-ui.css`, 'text/css; charset=utf-8', IMMUTABLE],
    [`${FILES_PATH}/favicon-32x32.png`, 'image/png', IMMUTABLE],
  ])('GET %s serves a local file under a strict policy', async (path, type, caching) => {
    const answer = await api().get(path);
    const header = (name: string) => answer.headers.get(name);
    expect([answer.status, header('Content-Type')]).toEqual([200, type]);
    expect(header('Cache-Control')).toBe(caching);
    const policy = header('Content-Security-Policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'[^;]*; style-src 'self'[^;]*;/);
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(answer.text.length).toBeGreaterThan(100);
  });

  test('[S61] the policy of /docs allows exactly the inline parts of the page, by their SHA-256', async () => {
    const { headers, text } = await api().get('/docs');
    const inline = [...text.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)].map(
      ([, , part = '']) => `'sha256-${createHash('sha256').update(part).digest('base64')}'`,
    );
    const policy = headers.get('Content-Security-Policy') ?? '';
    expect(inline).toHaveLength(3);
    expect(policy.match(/'sha256-[^']*'/g)?.sort()).toEqual(inline.sort());
    expect(text).not.toMatch(/https?:\/\//);
  });

  test.each([
    ['en', 'Set a new password'],
    ['hi-IN', 'नया पासवर्ड सेट करें'],
  ])('GET /account/reset serves the page of a link, in %s', async (language, title) => {
    const { status, headers, text } = await api().get('/account/reset', {
      'Accept-Language': language,
    });
    expect([status, headers.get('Cache-Control')]).toEqual([200, 'no-store']);
    expect(text).toContain(`<h1>${title}</h1>`);
    expect(text).not.toMatch(/<(script|style)>|https?:\/\//);
    const policy = headers.get('Content-Security-Policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    for (const file of text.match(/\/account\/(?:style|script)-[^"]*/g) ?? ['']) {
      expect((await api().get(file)).status).toBe(200);
    }
  });

  test('the forms of the pages sign up and log out; a form of another origin answers 403', async () => {
    const { baseUrl } = api();
    const visitor = createVisitor(
      (path, init) => fetch(baseUrl + path, { redirect: 'manual', ...init }),
      { origin: baseUrl },
    );
    await visitor.visit('/account/signup');
    const fields = { email: uniqueEmail(), password: 'analytical engine' };
    const { path, body } = visitor.filled(fields);
    const foreign = { Origin: 'https://evil.example' };
    expect((await visitor.post(path, body, foreign)).status).toBe(403);
    const page = await visitor.submit(fields);
    expect([page.status, page.path]).toEqual([200, '/account/verify?done=signedUp']);
    expect((await visitor.visit('/account')).text).toContain(fields.email);
    expect((await visitor.submit({}, { button: 'Log out' })).path).toBe(
      '/account/login?done=loggedOut',
    );
    expect((await visitor.visit('/account')).path).toBe('/account/login');
  });

  test.each([
    ['br', 'br'],
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['gzip;q=0', null],
    ['identity', null],
    ['zstd', null],
  ])(
    'with Accept-Encoding: %s, the files of /docs are encoded as %s',
    async (accepted, encoding) => {
      const whole = await api().get(DOCS_BUNDLE, { 'Accept-Encoding': 'identity' });
      const { status, headers, text } = await api().get(DOCS_BUNDLE, {
        'Accept-Encoding': accepted,
      });
      expect([status, headers.get('Content-Encoding')]).toEqual([200, encoding]);
      expect(headers.get('Vary')).toContain('Accept-Encoding');
      expect(text.length).toBeGreaterThan(1_000_000);
      // Compared here, because `toBe` would print both texts.
      expect(text === whole.text).toBe(true);
    },
  );

  test('other files beside those of the documentation are not served', async () => {
    for (const path of [
      '/docs/index.html',
      '/docs/..%2fpackage.json',
      '/docs/%2e%2e/.env',
      '/docs/swagger-ui-bundle.js',
      `${DOCS_BUNDLE}.br`,
      DOCS_BUNDLE.replace(/@[\d.]+/, '@5.0.0'),
    ]) {
      expect([path, (await api().get(path)).status]).toEqual([path, 404]);
    }
  });

  test('/healthz and /readyz return 200', async () => {
    expect((await api().get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await api().get('/readyz')).body).toEqual({ status: 'ready', messages: 'ok' });
  });

  test('[S31] a method that a path does not support returns 405 with Allow', async () => {
    for (const [method, path, allow] of [
      ['GET', '/auth/login', 'OPTIONS, POST'],
      ['HEAD', '/auth/signup', 'OPTIONS, POST'],
      ['POST', '/profile/me', 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'],
      ['POST', '/api/v1/user/profile', 'GET, HEAD, OPTIONS'],
      ['PUT', '/docs', 'GET, HEAD, OPTIONS'],
      ['PROPFIND', '/healthz', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const answer = await api().request(method, path);
      expect([path, answer.status, answer.headers.get('Allow')]).toEqual([path, 405, allow]);
      if (method !== 'HEAD') expect(answer.at('code')).toBe('method_not_allowed');
    }
  });

  test('OPTIONS without a preflight returns 204 with Allow', async () => {
    const answer = await api().request('OPTIONS', '/auth/login');
    expect([answer.status, answer.headers.get('Allow')]).toEqual([204, 'OPTIONS, POST']);
  });

  test('with a trailing slash, GET and HEAD are redirected with 308; other methods return 404', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await api().request(method, '/profile/me/?a=b');
      expect([answer.status, answer.headers.get('Location')]).toEqual([308, '/profile/me?a=b']);
    }
    expect((await api().json('POST', '/auth/login/', {})).status).toBe(404);
    expect((await api().get('/auth/login/')).status).toBe(404);
    expect((await api().get('//evil.example//')).status).toBe(404);
  });

  test('an unknown path returns 404', async () => {
    const answer = await api().get('/nothing/<script>here');
    expect([answer.status, answer.at('code')]).toEqual([404, 'not_found']);
    expect(answer.text).not.toContain('script');
  });

  test('[S32] a preflight from an allowed origin succeeds, with credentials', async () => {
    const answer = await api().request('OPTIONS', '/profile/me', {
      headers: {
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'authorization,content-type,if-match',
      },
    });
    expect(answer.status).toBe(204);
    const header = (name: string) => answer.headers.get(`Access-Control-Allow-${name}`);
    expect(header('Origin')).toBe(ORIGIN);
    expect(header('Credentials')).toBe('true');
    expect(header('Methods')?.split(',')).toEqual(
      expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    );
    expect(header('Headers')?.split(',')).toEqual(
      expect.arrayContaining(['Authorization', 'Content-Type', 'If-Match']),
    );
  });

  test('[S32] only exact origins are allowed and, in development, those of this machine; only they can read our header fields; every response varies by Origin', async () => {
    for (const [origin, allowed] of [
      [ORIGIN, ORIGIN],
      ['http://127.0.0.1:8081', 'http://127.0.0.1:8081'],
      ['http://localhost:5173', 'http://localhost:5173'],
      ['https://127.0.0.1', 'https://127.0.0.1'],
      ['http://[::1]:3000', 'http://[::1]:3000'],
      ['http://localhost:8081.evil.example', null],
      ['http://localhost.evil.example:8081', null],
      ['http://evil.example@localhost:8081', null],
      ['http://localhost:5173/', null],
      ['http://127.0.0.2:5173', null],
      ['http://0.0.0.0:5173', null],
      ['ftp://localhost:5173', null],
      ['localhost:5173', null],
      ['null', null],
      ['*', null],
    ] as const) {
      for (const path of ['/healthz', '/nothing', '/profile/me']) {
        const { headers } = await api().get(path, { Origin: origin });
        expect([origin, headers.get('Access-Control-Allow-Origin')]).toEqual([origin, allowed]);
        expect(headers.get('Vary')).toContain('Origin');
        const exposed = headers.get('Access-Control-Expose-Headers')?.split(',') ?? [];
        expect(exposed).toEqual(
          allowed ? expect.arrayContaining(['ETag', 'Retry-After', 'X-Request-Id']) : [],
        );
      }
    }
  });

  test('a response to a request without Origin varies by Origin too', async () => {
    expect((await api().get('/healthz')).headers.get('Vary')).toBe('Origin');
  });

  test('every response has the security headers', async () => {
    for (const path of ['/healthz', '/nothing', '/profile/me', '/docs', '/openapi.json']) {
      const { headers } = await api().get(path);
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('X-Frame-Options')).toBe('DENY');
      expect(headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin');
      expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
    }
  });

  test('[S49] the server generates the request id, regardless of the id that the client sends', async () => {
    for (const theirs of ['trace-0123_ABC=', 'has space', '<script>', 'x'.repeat(129), 'a,b']) {
      const answer = await api().get('/nothing', { 'X-Request-Id': theirs });
      expect(answer.headers.get('X-Request-Id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(answer.at('request_id')).toBe(answer.headers.get('X-Request-Id'));
    }
  });
};
