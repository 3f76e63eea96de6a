import { eq } from 'drizzle-orm';
import { users } from '../../src/core/db/schema.ts';
import type { MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

export const ELSEWHERE = '198.51.100.7';
export const password = 'analytical engine';
export const NEW = 'difference engine';
export const DAY_SECONDS = 86_400;

/** What has been sent since the last call, after a sweep. */
export async function kinds(room: MailRoom): Promise<string[]> {
  await room.deliver();
  return (await room.received()).map(({ kind }) => kind);
}

/** A user with a verified address whose sign-up came from the network of the room. */
export async function newcomer(room: MailRoom, email = 'ada@example.com', language = 'en') {
  await room.post('/auth/signup', { email, password }, { 'Accept-Language': language });
  await room.db.update(users).set({ emailVerifiedAt: 1 }).where(eq(users.email, email));
  return { email, token: await room.tokenOf(email, password) };
}

export const changePassword = (
  room: MailRoom,
  token: string,
  from = password,
  to = NEW,
  language = 'en',
) =>
  room.post(
    '/auth/password/change',
    { current_password: from, new_password: to },
    { ...bearer(token), 'Accept-Language': language },
  );

export async function fail(room: MailRoom, email: string, count: number, address = ELSEWHERE) {
  for (let i = 0; i < count; i++) await room.logIn(email, 'wrong', address);
}
