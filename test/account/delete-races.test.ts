import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, sessions, users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom, type MailRoom } from '../support/mail-room.ts';
import { bearer, form } from '../support/test-app.ts';

const PARALLEL = 20;
const password = 'analytical engine';

const remove = (room: MailRoom, token: string) =>
  room.send('/profile/me', { method: 'DELETE', headers: bearer(token) });

const times = <Of>(count: number, run: (i: number) => Promise<Of>): Promise<Of[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => run(i)));

/** Nothing is left of the account, and each event is cleared. */
async function expectGone(room: MailRoom, id: number): Promise<void> {
  const { db } = room;
  await room.idle();
  expect(await db.select().from(users).where(eq(users.id, id))).toEqual([]);
  expect(await db.select().from(sessions).where(eq(sessions.userId, id))).toEqual([]);
  const events = await db.select().from(auditEvents).where(eq(auditEvents.subjectId, id));
  expect(events.filter(({ action }) => action === 'account_delete')).toHaveLength(1);
  await room.tick();
  const later = await db.select().from(auditEvents).where(eq(auditEvents.subjectId, id));
  expect(later.filter(({ address, userAgent }) => address !== null || userAgent !== null)).toEqual(
    [],
  );
}

describe('DELETE /profile/me, at the same time as', () => {
  test(`[S70] ${PARALLEL} others: one answers 204, the others 401; one notice`, async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newVerifiedUser();
    const codes = await Promise.all((await times(PARALLEL, () => remove(room, token))).map(codeOf));
    expect(codes.filter((code) => code === 204)).toHaveLength(1);
    expect(codes.filter((code) => code === 'invalid_token')).toHaveLength(PARALLEL - 1);
    expect((await room.received()).map(({ kind }) => kind)).toEqual(['deleted']);
    await expectGone(room, id);
  });

  test('[S70] logins: each answers 200 or 400, and no session is left', async () => {
    const room = await createMailRoom();
    const { id, token, email } = await room.newUser();
    const [deleted, ...logins] = await Promise.all([
      new Promise((resolve) => setTimeout(resolve, 30)).then(() => remove(room, token)),
      ...Array.from({ length: PARALLEL }, () =>
        room.send('/auth/login', form({ username: email, password })),
      ),
    ]);
    expect(deleted?.status).toBe(204);
    const codes = await Promise.all(logins.map(codeOf));
    expect(codes.filter((code) => code !== 200 && code !== 'wrong_email_or_password')).toEqual([]);
    await expectGone(room, id);
  });

  test('[S70] a password change and a re-authentication: 401 if they come later', async () => {
    const room = await createMailRoom();
    const { id, token, email } = await room.newUser();
    const headers = bearer(token);
    const change = { current_password: password, new_password: 'difference engine' };
    const [changed, proved, deleted] = await Promise.all([
      room.post('/auth/password/change', change, headers),
      room.post('/auth/reauthenticate', { password }, headers),
      remove(room, token),
    ]);
    expect([await codeOf(changed), await codeOf(proved), deleted.status]).toEqual([
      'invalid_token',
      'invalid_token',
      204,
    ]);
    expect(await room.logIn(email, 'difference engine')).toBe(400);
    await expectGone(room, id);
  });

  test('[S70] a reset: 400 if it comes later', async () => {
    const room = await createMailRoom();
    const { id, token, email } = await room.newVerifiedUser();
    const { tokens } = await room.ask('/auth/password/forgot', email);
    const reset = { token: tokens.reset, new_password: 'difference engine' };
    const [done, deleted] = await Promise.all([
      room.post('/auth/password/reset', reset),
      remove(room, token),
    ]);
    expect([await codeOf(done), deleted.status]).toEqual(['invalid_code', 204]);
    expect((await room.received()).map(({ kind }) => kind)).toEqual(['deleted']);
    await expectGone(room, id);
  });

  test('[S70] refreshes, changes of the profile and requests for messages: none fails with 500', async () => {
    const room = await createMailRoom();
    const { id, token, email } = await room.newVerifiedUser();
    const login = await room.send('/auth/login', form({ username: email, password }));
    const { refresh_token } = (await login.json()) as { refresh_token: string };
    const answers = await Promise.all([
      room.post('/auth/refresh', { refresh_token }),
      room.post('/auth/email/change', { email: 'new@example.com' }, bearer(token)),
      room.post('/auth/password/forgot', { username: email }),
      room.send('/auth/login', form({ username: email, password: 'wrong' })),
      remove(room, token),
      room.post('/auth/code', { username: email }),
      room.send('/profile/me', {
        ...{ method: 'PATCH', body: '{"bio":"x"}' },
        headers: { ...bearer(token), 'Content-Type': 'application/json' },
      }),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
    expect(answers[4]?.status).toBe(204);
    await room.received();
    await expectGone(room, id);
  });

  test('[S70] a sign-up with its address, where sign-ups hide which are taken: 202', async () => {
    const room = await createMailRoom({ SIGNUP_MODE: 'hidden' });
    await room.post('/auth/signup', { email: 'ada@example.com', password });
    const token = await room.tokenOf('ada@example.com', password);
    await room.received();
    const [signedUp, deleted] = await Promise.all([
      room.post('/auth/signup', { email: 'ada@example.com', password }),
      remove(room, token),
    ]);
    expect([signedUp.status, deleted.status]).toEqual([202, 204]);
  });
});
