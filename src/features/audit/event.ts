import type { Caller } from '../../core/caller.ts';

/** What is kept of the User-Agent of a caller who has not proved to be the account's owner. */
const MAX_STRANGERS_AGENT = 128;

export type AuditAction =
  | 'signup'
  | 'login'
  | 'lockout'
  | 'logout'
  | 'refresh_reuse'
  | 'session_revoke'
  | 'session_evict'
  | 'new_network'
  | 'password_change'
  | 'profile_update';

/** Something that happened to an account and should be found again. */
export interface AuditEvent extends Pick<Caller, 'requestId' | 'address' | 'userAgent'> {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The user who did it; null if the caller was not logged in. */
  readonly actorId: number | null;
  readonly action: AuditAction;
  readonly outcome: 'success' | 'failure';
  /** Names and counts: never a secret, never what a field held. */
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Puts an event together that happens now: who did what, from where, and how it came out. */
export type EventOf = (
  caller: Caller,
  actorId: number | null,
  action: AuditAction,
  more?: Pick<AuditEvent, 'detail'> & Partial<Pick<AuditEvent, 'outcome'>>,
) => AuditEvent;

/** @param clock milliseconds since 1970 */
export const eventsAt =
  (clock: () => number): EventOf =>
  ({ requestId, address, userAgent }, actorId, action, more) => ({
    requestId,
    address,
    userAgent: actorId === null ? shortened(userAgent) : userAgent,
    at: clock(),
    actorId,
    action,
    outcome: 'success',
    ...more,
  });

const shortened = (userAgent: string | null): string | null =>
  userAgent === null ? null : userAgent.slice(0, MAX_STRANGERS_AGENT).toWellFormed();

/** An event as its subject may read it. */
export interface RecordedEvent {
  readonly id: number;
  readonly at: number;
  readonly action: string;
  readonly outcome: 'success' | 'failure';
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly detail: string;
}
