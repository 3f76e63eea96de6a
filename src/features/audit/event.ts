import type { Caller } from '../../core/caller.ts';

/** Maximum recorded length of the User-Agent of an unauthenticated caller. */
const MAX_UNAUTHENTICATED_AGENT_LENGTH = 128;

export const OUTCOMES = ['success', 'failure'] as const;

export type Outcome = (typeof OUTCOMES)[number];

export type AuditAction =
  | 'signup'
  | 'login'
  | 'lockout'
  | 'logout'
  | 'refresh_reuse'
  | 'session_revoke'
  | 'session_evict'
  | 'device_remove'
  | 'new_network'
  | 'password_change'
  | 'password_reset'
  | 'address_verify'
  | 'address_change'
  | 'address_undo'
  | 'address_release'
  | 'code_rejected'
  | 'reauthenticate'
  | 'profile_update'
  | 'avatar_set'
  | 'avatar_removed'
  | 'account_export'
  | 'accounts_export'
  | 'account_delete'
  | 'account_invite'
  | 'account_update'
  | 'account_disable'
  | 'account_enable'
  | 'account_unlock'
  | 'reset_require'
  | 'reset_link'
  | 'sign_out'
  | 'role_change'
  | 'accounts_import';

/** An event in the audit record of an account. */
export interface AuditEvent extends Pick<Caller, 'requestId' | 'address' | 'userAgent'> {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The acting user; null if the caller was not logged in. */
  readonly actorId: number | null;
  readonly action: AuditAction;
  readonly outcome: Outcome;
  /** Names and counts; never a secret or the value of a field. */
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Creates an event that happens now. The outcome is `success` unless `more` sets another one. */
export type EventOf = (
  caller: Caller,
  actorId: number | null,
  action: AuditAction,
  more?: Pick<AuditEvent, 'detail'> & Partial<Pick<AuditEvent, 'outcome'>>,
) => AuditEvent;

/**
 * Creates events whose time is that of the clock.
 *
 * @param clock milliseconds since 1970
 */
export const eventsAt =
  (clock: () => number): EventOf =>
  ({ requestId, address, userAgent }, actorId, action, more) => ({
    requestId,
    address,
    userAgent: actorId === null ? truncated(userAgent) : userAgent,
    at: clock(),
    actorId,
    action,
    outcome: 'success',
    ...more,
  });

const truncated = (userAgent: string | null): string | null =>
  userAgent === null ? null : userAgent.slice(0, MAX_UNAUTHENTICATED_AGENT_LENGTH).toWellFormed();

/** A recorded event with the fields that the owner of the account may read. */
export interface RecordedEvent {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly action: string;
  readonly outcome: Outcome;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  /** JSON, without the name of an operator. */
  readonly detail: string;
  /** 1 if an administrator or an operator has caused it: then `address` and `userAgent` are null. Else 0. */
  readonly isByAdministrator: number;
}
