import { z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { createApp, featuresOf } from '../../src/app.ts';
import { json as answerJson, empty } from '../../src/core/http/answer.ts';
import { form, json, upload } from '../../src/core/http/body.ts';
import type { Feature } from '../../src/core/http/feature.ts';
import { Guard, open, operation } from '../../src/core/http/operation.ts';
import { user } from '../../src/features/sessions/guards.ts';
import { bearer, createTestApp, newUser } from '../support/test-app.ts';

const MAX_PICTURE_BYTES = 200_000;
const common = { tags: ['test'], summary: 'A test', description: 'Exists in tests only.' };

const putPicture = operation({
  ...common,
  operationId: 'putPicture',
  method: 'put',
  path: '/test/picture',
  guard: user,
  body: upload(['image/png', 'image/webp'], MAX_PICTURE_BYTES, 'A picture.'),
  answers: { 204: { description: 'Stored.' } },
});

const echo = operation({
  ...common,
  operationId: 'echo',
  method: 'post',
  path: '/test/echo',
  guard: open,
  body: json(z.object({ word: z.string() }).openapi('Word', { description: 'A word.' }), 'A word.'),
  answers: { 204: { description: 'Heard.' } },
});

/** An app with the two operations above, and the last uploaded picture. */
async function createRoom() {
  const room = await createTestApp();
  let picture = new Uint8Array();
  const feature: Feature = {
    addRoutes({ add }) {
      add(putPicture, (c) => {
        // A handler has a user only behind the guard.
        expect(c.get('user').id).toBeGreaterThan(0);
        picture = new Uint8Array(c.get('body'));
        return empty(c, 204);
      });
      add(echo, (c) => {
        // @ts-expect-error An open operation has no user.
        expect(c.get('user')).toBeUndefined();
        expect(c.req.valid('json').word).toBe('hello');
        return empty(c, 204);
      });
    },
  };
  const app = createApp(room.deps, [...featuresOf(room.deps), feature]);
  const { token } = await newUser(app);
  const put = (body: BodyInit, type: string, headers: Record<string, string> = bearer(token)) =>
    app.request('/test/picture', {
      method: 'PUT',
      body,
      headers: { 'Content-Type': type, ...headers },
    });
  return { ...room, app, put, picture: () => picture };
}

const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { code: unknown }).code;

describe('the contract of an operation', () => {
  test('an upload receives exact bytes, with its own limit and media types', async () => {
    const { put, picture } = await createRoom();
    const bytes = Uint8Array.from({ length: MAX_PICTURE_BYTES }, (_, i) => i & 0xff);
    expect((await put(bytes, 'image/png')).status).toBe(204);
    expect(picture()).toEqual(bytes);
    expect((await put(bytes.slice(0, 3), 'IMAGE/WEBP; q=1')).status).toBe(204);
    expect(picture()).toEqual(bytes.slice(0, 3));

    const longer = new Uint8Array(MAX_PICTURE_BYTES + 1);
    const tooLarge = await put(longer, 'image/png');
    expect([tooLarge.status, await codeOf(tooLarge)]).toEqual([413, 'payload_too_large']);
    const other = await put('{}', 'application/json');
    expect([other.status, await codeOf(other)]).toEqual([415, 'unsupported_media_type']);
  });

  test('an unauthenticated caller is rejected before the body is read', async () => {
    const { app } = await createTestApp();
    const calls = [
      ['PUT', '/profile/me'],
      ['PATCH', '/profile/me'],
      ['POST', '/auth/password/change'],
      ['POST', '/auth/reauthenticate'],
      ['POST', '/auth/logout'],
      ['DELETE', '/auth/sessions'],
    ] as const;
    await Promise.all(
      calls.map(async ([method, path]) => {
        const body = new ReadableStream({ start() {} });
        const answer = await app.request(path, { method, body, duplex: 'half' } as RequestInit);
        expect([path, answer.status, await codeOf(answer)]).toEqual([
          path,
          401,
          'not_authenticated',
        ]);
      }),
    );
  });

  test('the media type of a form is checked before its size', async () => {
    const { app } = await createTestApp();
    const send = (type: string) =>
      app.request('/auth/login', {
        method: 'POST',
        body: 'x'.repeat(20_000),
        headers: { 'Content-Type': type },
      });
    expect((await send('application/json')).status).toBe(415);
    expect((await send('application/x-www-form-urlencoded')).status).toBe(413);
  });

  test('a limit is rejected if it lacks its key, has a needless one, or is unknown', async () => {
    const { deps } = await createTestApp();
    for (const limit of [
      { name: 'changePassword' },
      { name: 'signUp', who: () => 'key' },
      { name: 'unheard-of' },
    ]) {
      const limited = operation({
        ...common,
        operationId: 'limited',
        method: 'post',
        path: '/test/limited',
        guard: open,
        limit,
        answers: { 204: { description: 'Done.' } },
      });
      const feature: Feature = { addRoutes: ({ add }) => add(limited, (c) => empty(c, 204)) };
      expect(() => createApp(deps, [feature])).toThrow(`there is no limit ${limit.name}`);
    }
  });

  test('only a declared guard and a declared operation compile', () => {
    // @ts-expect-error An object with the members of a guard is not a guard.
    const forged: Guard<{ user: object }> = { name: 'token', security: [], fails: [], details: {} };
    // @ts-expect-error A copy of a guard with another name is not a guard.
    const renamed: typeof user = { ...user, name: 'token' };
    // @ts-expect-error A route with the requirements of another operation is not an operation.
    const opened: typeof putPicture = { route: putPicture.route, requirements: echo.requirements };
    expect([forged, renamed, opened]).toHaveLength(3);
  });

  test('the documented security, problems and body are derived from it', async () => {
    const { app } = await createRoom();
    const { paths } = (await (await app.request('/openapi.json')).json()) as {
      paths: Record<
        string,
        Record<string, { security: unknown; responses: object; requestBody: object }>
      >;
    };
    const picture = paths['/test/picture']?.put;
    expect(picture?.security).toEqual([{ passwordLogin: [] }]);
    expect(Object.keys(picture?.responses ?? {})).toEqual([
      '204',
      '400',
      '401',
      '408',
      '413',
      '414',
      '415',
      '429',
      '503',
    ]);
    expect(picture?.requestBody).toMatchObject({ content: { 'image/png': {}, 'image/webp': {} } });
    const echoed = paths['/test/echo']?.post;
    expect(echoed?.security).toEqual([]);
    expect(Object.keys(echoed?.responses ?? {})).toEqual([
      '204',
      '400',
      '408',
      '413',
      '414',
      '415',
      '422',
      '429',
      '503',
    ]);
  });

  test('a guard or limit without an implementation fails at the start', async () => {
    const { deps } = await createTestApp();
    const withOperation = (part: object): Feature => ({
      addRoutes: ({ add }) =>
        add(
          operation({
            ...common,
            operationId: 'x',
            method: 'post',
            path: '/x',
            guard: open,
            body: form(z.object({}), 'Nothing.'),
            answers: { 200: { description: 'Done.' } },
            ...part,
          }),
          (c) => answerJson(c, {}, 200),
        ),
    });
    const guard = new Guard({ name: 'nobody', security: [], fails: [] });
    expect(() => createApp(deps, [withOperation({ guard })])).toThrow('there is no guard nobody');
    expect(() => createApp(deps, [withOperation({ limit: { name: 'none' } })])).toThrow(
      'there is no limit none',
    );
  });
});
