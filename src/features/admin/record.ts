import type { Outcome } from '../audit/event.ts';
import type { Page } from './directory.ts';

/** An event as administrators see it: all of it. */
export interface AuditEntry {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Null if nobody was logged in, or an operator acted by the program. */
  readonly actorId: number | null;
  readonly subjectId: number | null;
  readonly action: string;
  readonly outcome: Outcome;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  /** `operator` names who acted by the program. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Which events are listed, newest first. */
export interface AuditQuery {
  /** Events of this account. */
  readonly subject?: number | undefined;
  /** What this account has done to others. */
  readonly actor?: number | undefined;
  readonly action?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly cursor?: string | undefined;
  /** 1 to 100. */
  readonly limit: number;
}

/** The audit record of all accounts. Each page reads ranges of indexes only, a bounded number of rows. */
export interface AuditRecord {
  /** @throws AppError `validation_failed` for a cursor that is not one of this list */
  list(query: AuditQuery): Promise<Page<AuditEntry>>;
}
