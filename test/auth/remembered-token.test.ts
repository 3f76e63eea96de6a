// The claims of a verified access token are cached. A cached token must not outlive its session, its user or its key.
import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { createSealer } from '../../src/core/crypto/sealer.ts';
import { sessions, users } from '../../src/core/db/schema.ts';
import { revokeKeys, rotateKeys } from '../../src/features/keys/rotate.ts';
import { KEY_PURPOSE } from '../../src/features/keys/signing-key.ts';
import { createSigningKeyStore } from '../../src/features/keys/store.ts';
import {
  bearer,
  createTestApp,
  json,
  newUser,
  type TestApp,
  testSettings,
} from '../support/test-app.ts';

const LIFETIME_SECONDS = 3600;
const TOLERANCE_SECONDS = 5;

/** Creates a user whose token has been used and is therefore cached. */
async function remembered(settings: Record<string, string> = {}) {
  const room = await createTestApp(settings);
  const user = await newUser(room.app);
  const read = async () =>
    (await room.app.request('/profile/me', { headers: bearer(user.token) })).status;
  expect(await read()).toBe(200);
  expect(room.deps.tokens.recall(user.token)).toMatchObject({ userId: user.id });
  return { ...room, user, read };
}

const ringOf = async ({ db, deps }: TestApp) => ({
  algorithm: 'ES256' as const,
  store: createSigningKeyStore(db),
  sealer: await createSealer([testSettings.SECRET_KEY], KEY_PURPOSE),
  now: deps.clock(),
});

test('a token that was never verified is not cached', async () => {
  const { deps, app } = await createTestApp();
  const { token } = await newUser(app);
  expect(deps.tokens.recall(token)).toBeUndefined();
  expect(deps.tokens.recall('')).toBeUndefined();
});

test('a rejected token is not cached', async () => {
  const { deps, user } = await remembered();
  const forged = `${user.token.slice(0, -4)}AAAA`;
  await expect(deps.tokens.verify(forged)).rejects.toMatchObject({ code: 'invalid_token' });
  expect(deps.tokens.recall(forged)).toBeUndefined();
});

test('[S20] GET /profile/me returns 401 after a logout, although the token is cached', async () => {
  const { app, user, read } = await remembered();
  const headers = bearer(user.token);
  expect((await app.request('/auth/logout', { method: 'POST', headers })).status).toBe(204);
  expect(await read()).toBe(401);
});

test('[S20] … after another session has ended this one', async () => {
  const { app, user, read } = await remembered();
  const form = new URLSearchParams({ username: user.email, password: user.password });
  const other = await app.request('/auth/login', { method: 'POST', body: form });
  const { access_token: token } = (await other.json()) as { access_token: string };
  const ended = await app.request('/auth/sessions', { method: 'DELETE', headers: bearer(token) });
  expect(ended.status).toBe(204);
  expect(await read()).toBe(401);
});

test('[S20] … after another session has changed the password', async () => {
  const { app, user, read } = await remembered();
  const form = new URLSearchParams({ username: user.email, password: user.password });
  const other = await app.request('/auth/login', { method: 'POST', body: form });
  const { access_token: token } = (await other.json()) as { access_token: string };
  const change = { current_password: user.password, new_password: 'difference engine no 2' };
  const changed = await app.request('/auth/password/change', json('POST', change, bearer(token)));
  expect(changed.status).toBe(200);
  expect(await read()).toBe(401);
});

test('[S20] … after the user was disabled, and returns 200 again when the user is enabled', async () => {
  const { db, user, read } = await remembered();
  const ofUser = eq(users.id, user.id);
  await db.update(users).set({ disabledAt: 1 }).where(ofUser);
  expect(await read()).toBe(401);
  await db.update(users).set({ disabledAt: null }).where(ofUser);
  expect(await read()).toBe(200);
});

test('[S20] POST /auth/logout of a disabled user returns 401 and ends no session', async () => {
  const { app, db, user } = await remembered();
  await db.update(users).set({ disabledAt: 1 }).where(eq(users.id, user.id));
  const headers = bearer(user.token);
  expect((await app.request('/auth/logout', { method: 'POST', headers })).status).toBe(401);
  expect(await db.select().from(sessions)).toHaveLength(1);
});

test('[S20] GET /profile/me returns 401 after the user was deleted', async () => {
  const { db, user, read } = await remembered();
  await db.run(sql`pragma foreign_keys = on`);
  await db.delete(users).where(eq(users.id, user.id));
  expect(await read()).toBe(401);
});

test('[S20] GET /profile/me returns 401 when the token has expired, from the same second on as with jose', async () => {
  const { deps, user, read, advance } = await remembered();
  advance(LIFETIME_SECONDS + TOLERANCE_SECONDS - 1);
  expect(deps.tokens.recall(user.token)).toBeDefined();
  await expect(deps.tokens.verify(user.token)).resolves.toMatchObject({ userId: user.id });
  expect(await read()).toBe(200);
  advance(1);
  expect(deps.tokens.recall(user.token)).toBeUndefined();
  await expect(deps.tokens.verify(user.token)).rejects.toMatchObject({ code: 'invalid_token' });
  expect(await read()).toBe(401);
});

test('a rotation of the keys does not invalidate cached tokens', async () => {
  const room = await remembered({ ALGORITHM: 'ES256' });
  await rotateKeys({ ...(await ringOf(room)), force: false });
  room.advance(31);
  expect(await room.read()).toBe(200);
  expect(room.deps.tokens.recall(room.user.token)).toBeDefined();
});

test('GET /profile/me returns 401 within half a minute after the keys were revoked', async () => {
  const room = await remembered({ ALGORITHM: 'ES256' });
  await revokeKeys(await ringOf(room));
  room.advance(31);
  expect(room.deps.tokens.recall(room.user.token)).toBeUndefined();
  expect(await room.read()).toBe(401);
});
