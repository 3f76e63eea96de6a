import { createMailRoom } from './mail-room.ts';
import { createVisitor, type Visitor } from './page-visitor.ts';
import { bearer } from './test-app.ts';

export const PASSWORD = 'analytical engine';
export const FIREFOX =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** An app whose messages the test receives and whose pages users visit. */
export async function createUserRoom(
  settings: Record<string, string> = {},
  platform?: Parameters<typeof createMailRoom>[1],
) {
  // Their sign-ups come from no network, so that each first login would be reported.
  const NOTICES = 'password_changed,refresh_reuse,lockout';
  const room = await createMailRoom({ NOTICES, ...settings }, platform);

  const newVisitor = (place?: Parameters<typeof createVisitor>[1], userAgent = FIREFOX): Visitor =>
    createVisitor((path, init) => {
      const headers = new Headers(init.headers);
      if (!headers.has('User-Agent')) headers.set('User-Agent', userAgent);
      return room.send(path, { ...init, headers });
    }, place);

  /** Logs a visitor in by its page. */
  async function enter(visitor: Visitor, username: string, password = PASSWORD): Promise<void> {
    await visitor.visit('/account/login');
    await visitor.submit({ username, password }, { action: '/account/login' });
  }

  /** A visitor who is logged in. */
  async function visitorOf(username: string, userAgent?: string): Promise<Visitor> {
    const visitor = newVisitor({}, userAgent);
    await enter(visitor, username);
    return visitor;
  }

  /** Ends all sessions of a user by the API. */
  async function endSessionsOf(token: string): Promise<void> {
    await room.send('/auth/sessions?all=true', { method: 'DELETE', headers: bearer(token) });
  }

  /** Ends all sessions of a user between the check of the next request and its change. */
  function endSessionsOnceChecked(): void {
    const { sessions } = room.deps;
    const { findLive } = sessions;
    Object.assign(sessions, {
      async findLive(id: string, userId: number) {
        Object.assign(sessions, { findLive });
        const live = await findLive(id, userId);
        await sessions.endAll(userId, undefined, {
          ...{ requestId: 'r', address: null, userAgent: null, at: 0, actorId: userId },
          ...{ action: 'session_revoke', outcome: 'success' },
        });
        return live;
      },
    });
  }

  return {
    ...room,
    newVisitor,
    endSessionsOf,
    endSessionsOnceChecked,
    enter,
    visitorOf,
    /** A user whose email address is verified, and a visitor who is logged in. */
    async newUserVisitor(email = 'ada@example.com') {
      const user = await room.newVerifiedUser(email, PASSWORD);
      return { ...user, visitor: await visitorOf(email) };
    },
  };
}

export type UserRoom = Awaited<ReturnType<typeof createUserRoom>>;

/** The id of the session in the cookie of a visitor. */
export const sessionOf = ({ cookies }: Visitor): string =>
  (cookies.get('latchkey_session') ?? '').split('.')[0] ?? '';
