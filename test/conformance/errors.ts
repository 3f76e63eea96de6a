import { expect, test } from 'vitest';
import type { Answer, Api } from '../support/api.ts';
import { STAFF } from '../support/legacy-users.ts';
import { rawRequest } from '../support/raw-request.ts';
import { bearerOf, type Headers } from './callers.ts';
import { readDocument } from './document.ts';
import type { Part } from './suite.ts';

const MARK = 'Zq7-mark-of-the-caller';

/** Expects a problem (RFC 9457) with this status, without internals and without an echo of the request. */
export function expectProblem(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  const requestId = answer.headers.get('X-Request-Id');
  expect(answer.body).toMatchObject({
    type: `urn:latchkey:problem:${answer.at('code')}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code: expect.stringMatching(/^[a-z_]+$/),
    instance: `urn:latchkey:request:${requestId}`,
    request_id: requestId,
  });
  expect(answer.text).not.toContain(MARK);
  expect(answer.text).not.toMatch(/SQLITE|select |insert |at \w+ \(|node_modules|zod/i);
}

interface BodyOperation {
  readonly method: string;
  readonly path: string;
  readonly mediaType: string;
}

/** The operations that accept text: those that accept a file have a size of their own, and any bytes are one. */
async function bodyOperations(api: Api): Promise<BodyOperation[]> {
  const operations = await readDocument(api);
  return operations.flatMap(({ method, path, mediaTypes }) =>
    mediaTypes
      .filter((mediaType) => mediaType.startsWith('application/'))
      .map((mediaType) => ({ method, path, mediaType })),
  );
}

export const errors: Part = (api) => {
  /** Returns the header fields of a caller who may call an operation: a new user, or an administrator. */
  async function callerOf(): Promise<(operation: { readonly path: string }) => Headers> {
    const [{ bearer }, admin] = [await api().newAccount(), await bearerOf(STAFF.admin)];
    return ({ path }) => (path.startsWith('/admin/') ? admin : bearer);
  }

  /** Sends a raw body to every operation that accepts one, with a valid token. */
  async function sendToAll(body: (operation: BodyOperation) => RequestInit) {
    const caller = await callerOf();
    const answers: [BodyOperation, Answer][] = [];
    for (const operation of await bodyOperations(api())) {
      const { headers, ...init } = body(operation);
      const all = { ...caller(operation), 'Content-Type': operation.mediaType, ...Object(headers) };
      const { method } = operation;
      const path = operation.path.replace('{id}', '999999999');
      answers.push([operation, await api().request(method, path, { ...init, headers: all })]);
    }
    expect(answers.length).toBeGreaterThanOrEqual(6);
    return answers;
  }

  test('[S31] every operation returns 413 for a body over 64 KB, with or without Content-Length', async () => {
    for (const kilobytes of [65, 900]) {
      const big = MARK.padEnd(1024).repeat(kilobytes);
      for (const [, answer] of await sendToAll(() => ({ body: big }))) expectProblem(answer, 413);
      const streamed = () => ({ body: new Blob([big]).stream(), duplex: 'half' as const });
      for (const [, answer] of await sendToAll(streamed)) expectProblem(answer, 413);
    }
  });

  test('[S31] an operation without a body ignores one of 64 KB, and returns 413 for a larger one', async () => {
    const operations = (await readDocument(api())).filter(
      ({ method, mediaTypes }) => method !== 'GET' && mediaTypes.length === 0,
    );
    expect(operations.length).toBeGreaterThanOrEqual(3);
    for (const { method, path } of operations) {
      const headers = (await callerOf())({ path });
      const send = (bytes: number) =>
        api().request(method, path, { headers, body: new Uint8Array(bytes) });
      expectProblem(await send(64 * 1024 + 1), 413);
      expect([204, 404, 409, 422]).toContain((await send(64 * 1024)).status);
    }
  });

  test('[S31] a body of 64 KB is accepted, with or without Content-Length', async () => {
    const body = `{"name":"Ada","more":"${'x'.repeat(65_000)}"}`;
    const { bearer } = await api().newAccount();
    const headers = { ...bearer, 'Content-Type': 'application/json' };
    for (const sent of [body, new Blob([body]).stream()]) {
      const init = { headers, body: sent, duplex: 'half' as const };
      const answer = await api().request('PUT', '/profile/me', init);
      expect([answer.status, answer.at('name')]).toEqual([200, 'Ada']);
    }
  });

  test('[S31] every operation returns 415 for another media type and for a missing one', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'application/json-patch+json',
      'multipart/form-data; boundary=x',
      MARK,
    ]) {
      const answers = await sendToAll(() => ({ body: MARK, headers: { 'Content-Type': type } }));
      for (const [, answer] of answers) expectProblem(answer, 415);
    }
    const untyped = await sendToAll(() => ({
      body: new Uint8Array([123, 125]),
      headers: { 'Content-Type': '' },
    }));
    for (const [, answer] of untyped) expectProblem(answer, 415);
  });

  test('[S31] for the media type of another operation, the 415 lists the media types that this one accepts', async () => {
    const { bearer } = await api().newAccount();
    const headers = { ...bearer, 'Content-Type': 'application/merge-patch+json' };
    const wrong = await api().json('PUT', '/profile/me', { name: null }, headers);
    expectProblem(wrong, 415);
    expect(wrong.at('detail')).toBe('The Content-Type must be application/json.');
    const untyped = await api().request('PATCH', '/profile/me', { headers: bearer });
    expect(untyped.at('detail')).toBe(
      'The Content-Type must be application/merge-patch+json or application/json.',
    );
    expectProblem(await api().request('PUT', '/profile/me', { headers: bearer }), 415);
  });

  test('[S31] every operation returns 400 for a body that is not UTF-8', async () => {
    const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
    for (const [, answer] of await sendToAll(() => ({ body: bytes('{"name":"p\xe4ss"}') }))) {
      expectProblem(answer, 400);
      expect(answer.at('code')).toBe('unreadable_body');
    }
    for (const body of ['username=a&password=p%FFss', 'username=a&password=%C3x', 'a=%e4']) {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      expectProblem(await api().request('POST', '/auth/login', { headers, body }), 400);
    }
    expect((await api().logIn('nobody@example.com', '100% größer 🔑')).status).toBe(400);
  });

  test('[S31] parameters of a media type have no effect, however they are spelled', async () => {
    const { email, password } = await api().newAccount();
    const send = (path: string, type: string, body: string) =>
      api().request('POST', path, { headers: { 'Content-Type': type }, body });
    for (const parameters of [
      '',
      ';',
      ' ; charset=utf-8',
      ';charset',
      '; a=b;',
      '; charset="utf-8"',
    ]) {
      const form = new URLSearchParams({ username: email, password }).toString();
      const type = `application/x-www-form-urlencoded${parameters}`;
      expect([type, (await send('/auth/login', type, form)).status]).toEqual([type, 200]);
      const jsonType = `Application/JSON${parameters}`;
      expect([jsonType, (await send('/auth/signup', jsonType, '{}')).status]).toEqual([
        jsonType,
        422,
      ]);
    }
  });

  test('[S31] a body in a request that should have none changes nothing', async () => {
    const { hostname, port } = new URL(api().baseUrl);
    const answer = await rawRequest(hostname, Number(port), 'GET /healthz HTTP/1.1', 'x');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const body = new Uint8Array([0xff]);
    expectProblem(await api().request('POST', '/nowhere', { body }), 404);
    expectProblem(await api().request('POST', '/healthz', { body }), 405);
  });

  test('[S31] every JSON operation returns 400 for a body that is not JSON', async () => {
    for (const body of ['', '{', `{"${MARK}`, `{"a": ${MARK}}`, '\u0000', "{'a': 1}", '{} {}']) {
      for (const [{ mediaType }, answer] of await sendToAll(() => ({ body }))) {
        if (!mediaType.includes('json')) continue;
        expectProblem(answer, 400);
        expect(answer.at('code')).toBe('malformed_json');
      }
    }
  });

  test('[S31] deeply nested, malformed and hostile bodies are rejected with a 4xx or ignored, and never cause a 500', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    const bodies = [
      deep,
      `{"name":${deep}}`,
      `{"name":"\\ud800"}`,
      `{"name":"\\u0000"}`,
      `{"name":"${MARK}\u0000"}`,
      '{"__proto__":{"name":5},"constructor":{"prototype":{}},"name":5}',
      '{"name":1e999}',
      '{"name":"a","name":5}',
      `{"phone":"\\ud800","password":"\\ud800","email":"\\ud800@\\ud800"}`,
      new Uint8Array([0xff, 0xfe, 0x7b, 0x7d]),
      new Uint8Array([0x22, 0xc3, 0x28, 0x22]),
    ];
    for (const body of bodies) {
      for (const [{ mediaType }, answer] of await sendToAll(() => ({ body }))) {
        const isLongForm = !mediaType.includes('json') && body.length > 16 * 1024;
        expect(isLongForm ? [413] : [200, 400, 422]).toContain(answer.status);
        if (answer.status !== 200) expectProblem(answer, answer.status);
      }
    }
  });

  test('[S30] field errors name the field and the rule, and repeat no input', async () => {
    const body = JSON.stringify({
      email: MARK,
      phone: `${MARK}\u0007`,
      password: 'x',
      name: [MARK],
      bio: {},
      code: MARK,
    });
    for (const [{ mediaType }, answer] of await sendToAll(() => ({ body }))) {
      if (!mediaType.includes('json')) continue;
      expectProblem(answer, 422);
      const errors = answer.at('errors') as { pointer: string }[];
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) {
        expect(error).toEqual({
          pointer: expect.stringMatching(/^#\/[a-z_]+$/),
          code: expect.stringMatching(/^[a-z_]+$/),
          message: expect.any(String),
        });
      }
    }
  });

  test('every operation returns 414 for a URL over 4096 characters', async () => {
    for (const { method, path } of await readDocument(api())) {
      const answer = await api().request(method, `${path}?${MARK}=${'x'.repeat(4096)}`);
      expectProblem(answer, 414);
    }
  });

  test('[S30] 401, 404, 405 and 412 are problem details too', async () => {
    const { id, bearer } = await api().newAccount();
    expectProblem(await api().get('/profile/me'), 401);
    expectProblem(await api().get('/profile/me', { Authorization: `Bearer ${MARK}` }), 401);
    expectProblem(await api().get(`/${MARK}`), 404);
    expectProblem(await api().request('DELETE', '/auth/login'), 405);
    const stale = { ...bearer, 'If-Match': `"${id}-99"` };
    expectProblem(await api().json('PUT', '/profile/me', { name: MARK }, stale), 412);
  });
};
