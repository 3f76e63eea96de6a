import { eq } from 'drizzle-orm';
import { users } from '../../src/core/db/schema.ts';
import { OWN_FIELDS } from './own-fields.ts';
import { bearer, createTestApp, json, newUser } from './test-app.ts';

interface Body {
  readonly code?: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly locale: string | null;
  readonly time_zone: string | null;
  readonly errors?: readonly {
    readonly pointer: string;
    readonly code: string;
    readonly message: string;
  }[];
}

/** An app with own fields, and a user. */
export async function createProfileRoom(
  settings: Record<string, string> = { PROFILE_FIELDS: OWN_FIELDS },
) {
  const room = await createTestApp(settings);
  const user = await newUser(room.app);
  const send = async (path: string, init: RequestInit) => {
    const answer = await room.app.request(path, init);
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
  };
  const patch = (body: unknown, headers: Record<string, string> = {}) =>
    send('/profile/me', json('PATCH', body, { ...bearer(user.token), ...headers }));
  const get = (path = '/profile/me') => send(path, { headers: bearer(user.token) });
  const stored = async () =>
    (await room.db.select({ fields: users.fields }).from(users).where(eq(users.id, user.id)))[0]
      ?.fields;
  return { ...room, user, send, patch, get, stored };
}
