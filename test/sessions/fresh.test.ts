// Operations that require a recent authentication.
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { createApp, featuresOf } from '../../src/app.ts';
import { change } from '../../src/core/db/change.ts';
import { sessions, users } from '../../src/core/db/schema.ts';
import { AppError } from '../../src/core/errors.ts';
import { empty } from '../../src/core/http/answer.ts';
import { operation } from '../../src/core/http/operation.ts';
import { PROBLEMS } from '../../src/core/problems.ts';
import { fresh } from '../../src/features/sessions/guards.ts';
import { FRESH_MS } from '../../src/features/sessions/session.ts';
import { bearer, createTestApp, newUser } from '../support/test-app.ts';

const putBio = operation({
  operationId: 'putTestBio',
  method: 'put',
  path: '/test/bio',
  tags: ['test'],
  summary: 'A test',
  description: 'Exists in tests only.',
  guard: fresh,
  answers: { 204: { description: 'Changed.' } },
});

const TEN_MINUTES = 600;
const MILLISECOND = 0.001;

/** An app with the operation above, which first does `meanwhile`. */
async function createRoom(meanwhile: () => unknown = () => {}) {
  const room = await createTestApp();
  const { db, deps } = room;
  const app = createApp(deps, [
    ...featuresOf(deps),
    {
      addRoutes({ add }) {
        add(putBio, async (c) => {
          await meanwhile();
          const isFresh = deps.sessions.isFreshlyLoggedInBy(c.get('session').id);
          const changed = await change(db, {
            claim: db.update(users).set({ bio: 'changed' }).where(isFresh).returning(),
          });
          if (changed.length === 0) throw new AppError('invalid_token');
          return empty(c, 204);
        });
      },
    },
  ]);
  const { id, token } = await newUser(app);
  const put = (headers: Record<string, string> = bearer(token)) =>
    app.request('/test/bio', { method: 'PUT', headers });
  const bios = async () => (await db.select({ bio: users.bio }).from(users)).map(({ bio }) => bio);
  return { ...room, app, id, token, put, bios };
}

const codeOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { code: unknown }).code,
];

describe('the guard fresh', () => {
  test('[S62] passes until exactly ten minutes after the authentication', async () => {
    const room = await createRoom();
    room.advance(TEN_MINUTES);
    expect((await room.put()).status).toBe(204);
    room.advance(MILLISECOND);
    const refused = await room.put();
    expect(refused.headers.get('WWW-Authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", max_age=600',
    );
    expect(await codeOf(refused)).toEqual([401, 'reauthentication_required']);
    const profile = await room.app.request('/profile/me', { headers: bearer(room.token) });
    expect(profile.status).toBe(200);
  });

  test('[S62] reads the row of the session and not the token', async () => {
    const room = await createRoom();
    const { authTime } = (await room.db.select().from(sessions))[0] ?? {};
    await room.db.update(sessions).set({ authTime: Number(authTime) - FRESH_MS - 1 });
    expect(await codeOf(await room.put())).toEqual([401, 'reauthentication_required']);
    room.advance(TEN_MINUTES);
    await room.db.update(sessions).set({ authTime: room.deps.clock() });
    expect((await room.put()).status).toBe(204);
  });

  test('[S62] counts from the start of a session in rows of older releases', async () => {
    const room = await createRoom();
    await room.db.update(sessions).set({ authTime: null });
    room.advance(TEN_MINUTES);
    expect((await room.put()).status).toBe(204);
    room.advance(MILLISECOND);
    expect(await codeOf(await room.put())).toEqual([401, 'reauthentication_required']);
  });

  test('answers like user without a token, and for one whose session has ended', async () => {
    const room = await createRoom();
    expect(await codeOf(await room.put({}))).toEqual([401, 'not_authenticated']);
    await room.db.delete(sessions);
    room.advance(TEN_MINUTES + 1);
    expect(await codeOf(await room.put())).toEqual([401, 'invalid_token']);
  });

  test('the header field and the constant name the same time', () => {
    const { headers } = PROBLEMS.reauthentication_required;
    expect(headers?.['WWW-Authenticate']).toContain(`max_age=${FRESH_MS / 1000}`);
  });
});

describe('isFreshlyLoggedInBy', () => {
  test.each([
    ['the session ends', (room: Room) => room.db.delete(sessions)],
    ['the user is disabled', (room: Room) => room.db.update(users).set({ disabledAt: 1 })],
    ['ten minutes are over', (room: Room) => room.advance(TEN_MINUTES + 1)],
  ])('[S62] changes nothing if %s after the guard', async (_, meanwhile) => {
    let run: () => unknown = () => {};
    const room = await createRoom(() => run());
    run = () => meanwhile(room);
    expect(await codeOf(await room.put())).toEqual([401, 'invalid_token']);
    expect(await room.bios()).toEqual(['']);
  });

  test('changes the row of its own user alone, until exactly ten minutes', async () => {
    const room = await createRoom();
    await newUser(room.app, 'eve@example.com');
    room.advance(TEN_MINUTES);
    expect((await room.put()).status).toBe(204);
    expect(await room.bios()).toEqual(['changed', '']);
    expect(await room.db.select().from(users).where(eq(users.bio, 'changed'))).toMatchObject([
      { id: room.id },
    ]);
  });
});

type Room = Awaited<ReturnType<typeof createRoom>>;
