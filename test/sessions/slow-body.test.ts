// The guard runs before the body has arrived. If the session ends in between, the change must still be rejected.
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { sendSlowly } from '../support/slow-body.ts';
import { bearer, createTestApp, json, newUser, type TestApp } from '../support/test-app.ts';

const changeName = (
  room: TestApp,
  method: string,
  headers: Record<string, string>,
  meanwhile: () => unknown,
) => sendSlowly(room, [method, '/profile/me'], { name: 'Eve' }, headers, meanwhile);

interface Person {
  readonly id: number;
  readonly token: string;
}

const endings: Readonly<Record<string, (room: TestApp, person: Person) => unknown>> = {
  'the user has logged out': ({ app }, { token }) =>
    app.request('/auth/logout', { method: 'POST', headers: bearer(token) }),
  'the account is disabled': ({ db, deps }, { id }) =>
    db.update(users).set({ disabledAt: deps.clock() }).where(eq(users.id, id)),
  'the account is deleted': ({ db }, { id }) => db.delete(users).where(eq(users.id, id)),
  'the session has expired': ({ deps, advance }) =>
    advance(deps.config.sessionLifetime.absolute / 1000),
  'the session has reached its idle timeout': ({ deps, advance }) =>
    advance(deps.config.sessionLifetime.idle / 1000),
};

describe.each(Object.entries(endings))('[S58] if, before the body arrives, %s', (_, end) => {
  test.each([
    ['PUT', {}],
    ['PATCH', {}],
    ['PATCH', { 'If-Match': '*' }],
    ['PUT', { 'If-Match': '"1-1"' }],
  ])('%s /profile/me with %j returns 401 and changes nothing', async (method, condition) => {
    const room = await createTestApp();
    const person = await newUser(room.app);
    const headers = { ...bearer(person.token), ...condition };
    const answer = await changeName(room, method, headers, () => end(room, person));
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'invalid_token' }]);
    const changed = await room.db.select().from(users).where(eq(users.name, 'Eve'));
    expect(changed).toEqual([]);
    const changes = eq(auditEvents.action, 'profile_update');
    expect(await room.db.select().from(auditEvents).where(changes)).toEqual([]);
  });
});

test.each([
  'the user has logged out',
  'the account is disabled',
  'the session has expired',
  'the session has reached its idle timeout',
])('POST /auth/password/change returns 401 if, before the body arrives, %s', async (ending) => {
  const room = await createTestApp();
  const person = await newUser(room.app);
  const change = { current_password: person.password, new_password: 'difference engine' };
  const answer = await sendSlowly(
    room,
    ['POST', '/auth/password/change'],
    change,
    bearer(person.token),
    () => endings[ending]?.(room, person),
  );
  expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'invalid_token' }]);
  const changes = eq(auditEvents.action, 'password_change');
  expect(await room.db.select().from(auditEvents).where(changes)).toEqual([]);
});

test('PATCH /profile/me returns 412 if, before the body arrives, another request changes the profile', async () => {
  const room = await createTestApp();
  const { token } = await newUser(room.app);
  const rename = () => room.app.request('/profile/me', json('PUT', { name: 'Ada' }, bearer(token)));
  const headers = { ...bearer(token), 'If-Match': '"1-1"' };
  const answer = await changeName(room, 'PATCH', headers, rename);
  expect([answer.status, await answer.json()]).toMatchObject([
    412,
    { code: 'precondition_failed' },
  ]);
});

test('PATCH /profile/me with a slow body changes the profile if the session is still live', async () => {
  const room = await createTestApp();
  const { token } = await newUser(room.app);
  const other = await newUser(room.app, 'eve@example.com');
  const logOutOther = () =>
    room.app.request('/auth/logout', { method: 'POST', headers: bearer(other.token) });
  const answer = await changeName(room, 'PATCH', bearer(token), logOutOther);
  expect([answer.status, await answer.json()]).toMatchObject([200, { name: 'Eve' }]);
});
