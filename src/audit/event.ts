/** Where a request came from, for the record. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

export type AuditAction =
  | 'signup'
  | 'login'
  | 'lockout'
  | 'logout'
  | 'refresh_reuse'
  | 'session_revoke'
  | 'password_change'
  | 'profile_update';

/** Something that happened to an account and should be found again. */
export interface AuditEvent extends RequestOrigin {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who did it; null where nobody was logged in. */
  readonly actorId: number | null;
  readonly action: AuditAction;
  readonly outcome: 'success' | 'failure';
  /** Names and counts: never a secret, never what a field held. */
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Puts an event together that happens now: who did what, from where, and how it came out. */
export type EventOf = (
  origin: RequestOrigin,
  actorId: number | null,
  action: AuditAction,
  more?: Pick<AuditEvent, 'detail'> & Partial<Pick<AuditEvent, 'outcome'>>,
) => AuditEvent;

/** @param clock milliseconds since 1970 */
export const eventsAt =
  (clock: () => number): EventOf =>
  (origin, actorId, action, more) => ({
    ...origin,
    at: clock(),
    actorId,
    action,
    outcome: 'success',
    ...more,
  });

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
