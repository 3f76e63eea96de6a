import { userRoles } from '../../src/core/db/account-schema.ts';
import { codeOf, createMailRoom } from './mail-room.ts';
import { bearer, json } from './test-app.ts';

export const REASON = 'Asked for it on the phone.';

/** An app whose messages the test receives, with accounts that have roles. */
export async function createAdminRoom(settings: Record<string, string> = {}) {
  const room = await createMailRoom({ NOTICES: 'off', ...settings });

  /** Gives an account a role by the database, as nobody but an operator can. */
  const grant = (userId: number, role: string) =>
    room.db.insert(userRoles).values({ userId, role, grantedAt: 0 });

  async function newStaff(email: string, role: string) {
    const account = await room.newUser(email);
    await grant(account.id, role);
    return account;
  }

  const call = (token: string, method: string, path: string, body?: unknown) =>
    room.send(
      `/admin/users${path}`,
      body === undefined
        ? { method, headers: bearer(token) }
        : json(method, body, {
            ...bearer(token),
            ...(method === 'PATCH' && { 'Content-Type': 'application/merge-patch+json' }),
          }),
    );

  /** Takes an action. Returns its status, or the code of its problem. */
  const act = async (token: string, method: string, path: string, body: object = {}) =>
    codeOf(
      await (method === 'DELETE'
        ? call(token, method, `${path}?reason=${encodeURIComponent(REASON)}`)
        : call(token, method, path, { reason: REASON, ...body })),
    );

  const activityOf = async (token: string) => {
    const answer = await room.send('/auth/activity', { headers: bearer(token) });
    return ((await answer.json()) as { events: Record<string, unknown>[] }).events;
  };

  return {
    ...room,
    grant,
    call,
    act,
    activityOf,
    newAdmin: (email = 'admin@example.com') => newStaff(email, 'admin'),
    newSupporter: (email = 'support@example.com') => newStaff(email, 'support'),
  };
}

export type AdminRoom = Awaited<ReturnType<typeof createAdminRoom>>;

/** Every operation that changes an account, with what it needs besides a reason. */
export const ACTIONS = [
  ['POST', '/{id}/disable', {}],
  ['POST', '/{id}/enable', {}],
  ['POST', '/{id}/unlock', {}],
  ['POST', '/{id}/require-reset', {}],
  ['POST', '/{id}/sign-out', {}],
  ['PUT', '/{id}/roles', { roles: ['editor'] }],
  ['PATCH', '/{id}', { name: 'Renamed' }],
  ['DELETE', '/{id}', {}],
] as const;
