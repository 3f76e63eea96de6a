import type { AnswerOf, CallOptions, Options, Request, Schema } from './operation.ts';

type Query<P extends '/admin/users' | '/admin/audit' | '/admin/stats'> =
  Options<'GET', P> extends { readonly query?: infer Given } ? NonNullable<Given> : never;

/** Which page of a list: its length, and the `next_cursor` of the page before it. */
export interface PageOptions extends CallOptions {
  /** 1 to 100. Default: 50. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** An action on an account, whose owner can read the reason. Answers the account as it is now. */
type Act = (
  id: number,
  reason: string,
  options?: CallOptions,
) => Promise<AnswerOf<'POST', '/admin/users/{id}/disable'>>;

/**
 * Methods for administrators. Those that read need the role `admin` or `support`; all others need `admin` and throw
 * `reauthentication_required` if the last login was more than 10 minutes ago.
 */
export interface Administration {
  /** Lists accounts, one page per call, until `next_cursor` is null. A page may be shorter than the limit. */
  listUsers(
    query?: Query<'/admin/users'>,
    options?: CallOptions,
  ): Promise<AnswerOf<'GET', '/admin/users'>>;
  getUser(id: number, options?: CallOptions): Promise<AnswerOf<'GET', '/admin/users/{id}'>>;
  listUserSessions(
    id: number,
    options?: PageOptions,
  ): Promise<AnswerOf<'GET', '/admin/users/{id}/sessions'>>;
  listUserActivity(
    id: number,
    options?: PageOptions,
  ): Promise<AnswerOf<'GET', '/admin/users/{id}/activity'>>;
  listAudit(
    query?: Query<'/admin/audit'>,
    options?: CallOptions,
  ): Promise<AnswerOf<'GET', '/admin/audit'>>;
  getStats(
    query?: Query<'/admin/stats'>,
    options?: CallOptions,
  ): Promise<AnswerOf<'GET', '/admin/stats'>>;
  /** Creates an account without a password, and sends the link that sets one. */
  inviteUser(
    invitation: Schema<'Invitation'>,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/admin/users'>>;
  /** Changes name and biography, or takes an address away. */
  updateUser(
    id: number,
    patch: Schema<'AdminUserPatch'>,
    options?: CallOptions,
  ): Promise<AnswerOf<'PATCH', '/admin/users/{id}'>>;
  /** Deletes an account with everything that is stored about it. */
  removeUser(
    id: number,
    reason: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'DELETE', '/admin/users/{id}'>>;
  disableUser: Act;
  enableUser: Act;
  /** Ends the lockouts after wrong passwords and codes. */
  unlockUser: Act;
  /** Removes the password, ends all sessions, and sends a link that sets a new password. */
  requireUserReset: Act;
  /** Ends all sessions, and forgets all devices. */
  signOutUser: Act;
  /** Replaces all roles. */
  setUserRoles(
    id: number,
    change: Schema<'RoleChange'>,
    options?: CallOptions,
  ): Promise<AnswerOf<'PUT', '/admin/users/{id}/roles'>>;
}

export function createAdministration(request: Request): Administration {
  const pathOf = (id: number) => ({ params: { id: String(id) } });
  const act =
    (action: 'disable' | 'enable' | 'unlock' | 'require-reset' | 'sign-out'): Act =>
    (id, reason, options) =>
      request('POST', `/admin/users/{id}/${action}`, {
        ...options,
        ...pathOf(id),
        body: { reason },
      });
  const pageOf = (id: number, { limit, cursor, ...options }: PageOptions = {}) => ({
    ...options,
    ...pathOf(id),
    query: {
      ...(limit !== undefined && { limit }),
      ...(cursor !== undefined && { cursor }),
    },
  });
  return {
    listUsers: (query = {}, options) => request('GET', '/admin/users', { ...options, query }),
    getUser: (id, options) => request('GET', '/admin/users/{id}', { ...options, ...pathOf(id) }),
    listUserSessions: (id, options) =>
      request('GET', '/admin/users/{id}/sessions', pageOf(id, options)),
    listUserActivity: (id, options) =>
      request('GET', '/admin/users/{id}/activity', pageOf(id, options)),
    listAudit: (query = {}, options) => request('GET', '/admin/audit', { ...options, query }),
    getStats: (query = {}, options) => request('GET', '/admin/stats', { ...options, query }),
    inviteUser: (body, options) => request('POST', '/admin/users', { ...options, body }),
    updateUser: (id, body, options) =>
      request('PATCH', '/admin/users/{id}', { ...options, ...pathOf(id), body }),
    removeUser: (id, reason, options) =>
      request('DELETE', '/admin/users/{id}', { ...options, ...pathOf(id), query: { reason } }),
    disableUser: act('disable'),
    enableUser: act('enable'),
    unlockUser: act('unlock'),
    requireUserReset: act('require-reset'),
    signOutUser: act('sign-out'),
    setUserRoles: (id, body, options) =>
      request('PUT', '/admin/users/{id}/roles', { ...options, ...pathOf(id), body }),
  };
}
