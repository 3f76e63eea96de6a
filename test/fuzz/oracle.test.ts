import { beforeAll, describe, expect, test } from 'vitest';
import { Answer } from '../support/api.ts';
import { bearer, createTestApp, json, newUser } from '../support/test-app.ts';
import { type Operation, operationsOf } from './document.ts';
import { MARK } from './hostile.ts';
import { createOracle } from './oracle.ts';
import { rawFaults } from './raw.ts';
import type { Sent } from './sent.ts';

let operations: readonly Operation[];
let answers: Record<'profile' | 'refused' | 'ended' | 'wrongMethod', Answer>;

const read = async (response: Response): Promise<Answer> =>
  new Answer(response.status, response.headers, await response.text());

beforeAll(async () => {
  const { app } = await createTestApp();
  operations = operationsOf(await (await app.request('/openapi.json')).json());
  const { token } = await newUser(app);
  const headers = bearer(token);
  answers = {
    profile: await read(await app.request('/profile/me', { headers })),
    refused: await read(await app.request('/auth/signup', json('POST', { email: 5 }))),
    wrongMethod: await read(await app.request('/profile/me', { method: 'POST' })),
    ended: await read(await app.request('/auth/logout', { method: 'POST', headers })),
  };
});

function operationOf(id: string): Operation {
  const operation = operations.find((one) => one.id === id);
  if (!operation) throw new Error(`${id} is not documented`);
  return operation;
}

/** An authenticated request to an operation, with the given changes. */
function sentTo(id: string, change: Partial<Sent> = {}): Sent {
  const operation = operationOf(id);
  const { method, path } = operation;
  const common = { operation, method, target: path, headers: [], parameters: [], fields: [] };
  return { ...common, isAuthenticated: true, ...change };
}

const complaints = (sent: Sent, answer: Answer): string =>
  createOracle(operations).complaintsOf(sent, answer).join('; ');

/** A copy of the response with the given changes. */
function but(
  answer: Answer,
  { status = answer.status, body, headers }: { status?: number; body?: object; headers?: object },
): Answer {
  const changed = new Headers(answer.headers);
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value === null) changed.delete(name);
    else changed.set(name, String(value));
  }
  const text = body ? JSON.stringify({ ...Object(answer.body), ...body }) : answer.text;
  return new Answer(status, changed, text);
}

describe('the oracle', () => {
  test('accepts responses that are as documented', () => {
    expect(complaints(sentTo('getProfile'), answers.profile)).toBe('');
    expect(complaints(sentTo('signUp'), answers.refused)).toBe('');
    expect(complaints(sentTo('logOut'), answers.ended)).toBe('');
    expect(complaints(sentTo('getProfile', { method: 'POST' }), answers.wrongMethod)).toBe('');
  });

  test.each([
    ['an undocumented member', { password_hash: 'x' }, 'unevaluated'],
    ['a member of the wrong type', { bio: 5 }, '/bio must be string'],
    ['a missing member', { created_at: undefined }, "required property 'created_at'"],
    ['a text that is too long', { name: 'x'.repeat(256) }, '/name must NOT have more than 255'],
    ['a malformed time', { created_at: 'yesterday' }, '/created_at must match format'],
    ['an id that is not positive', { id: 0 }, '/id must be > 0'],
    ['an invalid email address', { email: 'ada' }, '/email must match format'],
  ])('reports %s in a successful response', (_, body, complaint) => {
    expect(complaints(sentTo('getProfile'), but(answers.profile, { body }))).toContain(complaint);
  });

  test.each([
    ['a status that is not documented', { status: 201 }, 'the status 201 is not documented'],
    ['a 500', { status: 500 }, 'the status is 500'],
    ['an unprovoked 503', { status: 503 }, 'the status is 503'],
    ['another content type', { headers: { 'Content-Type': 'text/html' } }, 'content type'],
    ['a missing documented header', { headers: { ETag: null } }, 'the header ETag is missing'],
    [
      'a response that caches may store',
      { headers: { 'Cache-Control': 'public' } },
      'Cache-Control',
    ],
    ['a missing security header', { headers: { 'X-Frame-Options': null } }, 'X-Frame-Options'],
    ['a missing request id', { headers: { 'X-Request-Id': null } }, 'X-Request-Id'],
    ['a cookie', { headers: { 'Set-Cookie': 'a=b' } }, 'a cookie is set'],
    ['a header that echoes input', { headers: { ETag: `"${MARK}"` } }, 'echoes the input'],
  ])('reports %s', (_, change, complaint) => {
    expect(complaints(sentTo('getProfile'), but(answers.profile, change))).toContain(complaint);
  });

  test('reports a body where none is documented', () => {
    const answer = new Answer(204, answers.ended.headers, '{}');
    expect(complaints(sentTo('logOut'), answer)).toContain('where none is documented');
  });

  test.each([
    ['a wrong status', { status: 400 }, 'the problem says 400'],
    ['a wrong request id', { request_id: 'x' }, 'request_id is not X-Request-Id'],
    ['a code of another status', { code: 'email_taken' }, 'email_taken is not documented for 422'],
    ['an echo', { detail: `${MARK} is wrong` }, 'echoes the input'],
    ['SQL', { detail: 'insert into users' }, 'reveals internals'],
    ['a stack trace', { detail: 'Error at signUp (service.ts:5)' }, 'reveals internals'],
    ['an undocumented member', { stack: '' }, 'unevaluated'],
    ['a missing list of fields', { errors: undefined }, "required property 'errors'"],
    [
      'a field with a value',
      { errors: [{ pointer: '#', code: 'x', message: '', value: 5 }] },
      'un',
    ],
  ])('reports %s in a problem', (_, body, complaint) => {
    expect(complaints(sentTo('signUp'), but(answers.refused, { body }))).toContain(complaint);
  });

  test('reports a code whose title changes', () => {
    const oracle = createOracle(operations);
    const sent = sentTo('signUp');
    expect(oracle.complaintsOf(sent, answers.refused)).toEqual([]);
    const other = but(answers.refused, { body: { title: 'Another' } });
    expect(oracle.complaintsOf(sent, other).join()).toContain('validation_failed was');
  });

  test('reports a success without a token', () => {
    const sent = sentTo('getProfile', { isAuthenticated: false });
    expect(complaints(sent, answers.profile)).toBe('a request without a valid token succeeded');
  });

  test.each([
    [
      'a body that violates its schema',
      '{"name":5}',
      'application/json',
      'that violates its schema',
    ],
    ['a body that is not JSON', '{', 'application/json', 'that is not JSON'],
    ['a body of another media type', '{}', 'text/plain', 'of the type "text/plain"'],
  ])('reports a success for %s', (_, text, type, complaint) => {
    const body = new TextEncoder().encode(text);
    const sent = sentTo('updateProfile', { body, headers: [['Content-Type', type]] });
    expect(complaints(sent, answers.profile)).toContain(complaint);
    const right = { body: new TextEncoder().encode('{}') };
    const headers = [['Content-Type', 'application/json; charset=utf-8']] as const;
    expect(complaints(sentTo('updateProfile', { ...right, headers }), answers.profile)).toBe('');
  });

  test('reports a success for a parameter that violates its schema', () => {
    const [cursor] = operationOf('listActivity').parameters;
    if (!cursor) throw new Error('listActivity has no parameter');
    const page = but(answers.profile, {});
    const given = (value: string) =>
      complaints(sentTo('listActivity', { parameters: [[cursor, value]] }), page);
    expect(given('-1')).toContain('cursor violates its schema');
    expect(given('1')).not.toContain('cursor violates its schema');
  });

  test('reports an Allow header that contradicts the document', () => {
    const sent = sentTo('getProfile', { method: 'POST' });
    const lying = but(answers.wrongMethod, { headers: { Allow: 'GET, POST' } });
    expect(complaints(sent, lying)).toContain('Allow names the refused POST');
    expect(complaints(sent, lying)).toContain('Allow is GET, POST');
  });

  test('reports a success for an undocumented path, and for a URL that is too long', () => {
    const nowhere = sentTo('getProfile', { target: '/profile/you' });
    expect(complaints(nowhere, answers.profile)).toContain('an undocumented path answers 200');
    const long = sentTo('getProfile', { target: `/profile/me?${'x'.repeat(4096)}` });
    expect(complaints(long, answers.profile)).toContain('over the limit');
  });
});

describe('rawFaults', () => {
  const here = { isBehindProxy: false };

  test('reports a server error, an echo, a stack trace, and a response that is not HTTP', () => {
    const ours = 'X-Request-Id: a\r\n\r\n';
    expect(rawFaults('', here)).toEqual([]);
    expect(rawFaults('HTTP/1.1 400 Bad Request\r\n\r\n', here)).toEqual([]);
    expect(rawFaults('HTTP/1.1 501 Not Implemented\r\n\r\n', here)).toEqual([]);
    expect(rawFaults('hello', here)).toHaveLength(1);
    expect(rawFaults('HTTP/1.1 500 Internal Server Error\r\n\r\n', here)).toHaveLength(1);
    expect(rawFaults(`HTTP/1.1 503 x\r\n${ours}`, { isBehindProxy: true })).toHaveLength(1);
    expect(rawFaults(`HTTP/1.1 501 x\r\n${ours}`, here)).toHaveLength(1);
    expect(rawFaults(`HTTP/1.1 404 x\r\n${ours}${MARK}`, here)).toHaveLength(1);
    expect(rawFaults('HTTP/1.1 400 x\r\n\r\nat run (a.js:1)', here)).toHaveLength(1);
  });
});
