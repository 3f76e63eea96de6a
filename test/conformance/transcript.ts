import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import type { Answer } from '../support/api.ts';
import type { Part } from './suite.ts';

const MAX_SHOWN = 4000;

/** The header fields that must be the same on every target. */
const HEADERS = [
  'access-control-allow-credentials',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'allow',
  'cache-control',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'etag',
  'location',
  'referrer-policy',
  'retry-after',
  'strict-transport-security',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
];

export const transcript: Part = (api) => {
  test('responses are the same as on every other target, except for ids, times and tokens', async () => {
    const email = 'transcript@example.com';
    const password = 'correct horse battery';
    const origin = { Origin: 'http://localhost:8081' };
    const script: [string, () => Promise<Answer>][] = [];
    const record = (title: string, ask: () => Promise<Answer>) => script.push([title, ask]);

    let bearer: Record<string, string> = {};
    let etag = '';
    const json = (
      method: string,
      path: string,
      body: unknown,
      headers: Record<string, string> = {},
    ) =>
      record(`${method} ${path} ${JSON.stringify(body)} ${Object.keys(headers)}`, () =>
        api().json(method, path, body, { ...bearer, ...headers }),
      );
    const get = (path: string, headers: Record<string, string> = {}) =>
      record(`GET ${path} ${Object.keys(headers)}`, () =>
        api().get(path, { ...bearer, ...headers }),
      );

    json('POST', '/auth/signup', { email, password, name: 'Zoë' }, origin);
    json('POST', '/auth/signup', { email: email.toUpperCase(), password });
    json('POST', '/auth/signup', { email: 5, password: 'short', name: '\u0007' });
    json('POST', '/auth/signup', []);
    json('POST', '/auth/signup', { email, password: 'Password1' });
    json('POST', '/api/v1/auth/login', { email, password }, { Origin: 'https://evil.example' });
    record('wrong password', () => api().logIn(email, 'not the password'));
    get('/profile/me', origin);
    get('/profile/me', { Authorization: 'Bearer nonsense' });
    get('/api/v1/user/profile', { Authorization: 'Bearer nonsense' });
    record('log in', async () => {
      const answer = await api().logIn(email, password);
      bearer = { Authorization: `Bearer ${answer.at('access_token')}` };
      return answer;
    });
    record('read', async () => {
      const answer = await api().get('/profile/me', bearer);
      etag = answer.headers.get('ETag') ?? '';
      return answer;
    });
    record('read again', () => api().get('/profile/me', { ...bearer, 'If-None-Match': etag }));
    json('PUT', '/profile/me', { bio: 'line one\nline two', name: null });
    json('PATCH', '/profile/me', { name: null });
    json('PUT', '/profile/me', { name: 5 });
    json('PUT', '/profile/me', { name: 'x' }, { 'If-Match': '"0-1"' });
    json('PUT', '/profile/me', { name: 'x' }, { 'If-Match': 'x' });
    get('/api/v1/user/profile');
    const phone = DEMO_USER.phone.entered;
    json('POST', '/api/v1/auth/login', { phone, password: DEMO_USER.password });
    json('POST', '/api/v1/auth/login', { phone, password: 'wrong' });
    json('POST', '/api/v1/auth/login', { password: 'neither' });
    json('POST', '/api/v1/auth/signup', {
      phone: '+1 415 555 0199',
      password,
      email: 'k@example.com',
    });
    json('POST', '/api/v1/auth/signup', { phone: '(415) 5', password });
    for (const path of [
      '/',
      '/healthz',
      '/readyz',
      '/docs',
      '/openapi.json',
      '/nothing',
      '/docs/',
    ]) {
      get(path);
    }
    record('DELETE /auth/login', () => api().request('DELETE', '/auth/login'));
    record('OPTIONS /profile/me', () => api().request('OPTIONS', '/profile/me'));
    record('not JSON', () =>
      api().request('POST', '/auth/signup', {
        body: '{',
        headers: { 'Content-Type': 'application/json' },
      }),
    );
    record('not a type', () =>
      api().request('POST', '/auth/signup', {
        body: '{}',
        headers: { 'Content-Type': 'text/plain' },
      }),
    );

    const lines: string[] = [];
    for (const [title, ask] of script) lines.push(`## ${title}\n${describeAnswer(await ask())}`);
    await expect(`${lines.join('\n\n')}\n`).toMatchFileSnapshot('./transcript.snap.txt');
  }, 60_000);
};

function describeAnswer({ status, headers, text }: Answer): string {
  const shown = HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  const vary = headers.get('vary')?.split(/, */).includes('Origin') ? ['vary: … Origin …'] : [];
  const [head, body] = [[String(status), ...shown, ...vary], text].map((part) =>
    withoutRandomParts([part].flat().join('\n')),
  );
  return `${head}\n${shortened(body ?? '')}`;
}

/** Replaces a long body by its length and its hash. */
const shortened = (text: string): string =>
  text.length > MAX_SHOWN
    ? `${text.length} characters, ${createHash('sha256').update(text).digest('base64url')}`
    : text;

const withoutRandomParts = (text: string): string =>
  text
    .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<request id>')
    .replaceAll(/[\w-]{22}\.\d+\.[\w-]{43}/g, '<refresh token>')
    .replaceAll(/"device_token":"[\w-]{43}"/g, '"device_token":"<device token>"')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"id":\d+/g, '"id":<id>')
    .replaceAll(/"\d+-(\d+)"/g, '"<id>-$1"');
