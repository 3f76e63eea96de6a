import { isNull } from 'drizzle-orm';
import type { SessionLifetime } from '../../config/bounds.ts';
import { type Condition, change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { isRecorded, recordEventIfChanged } from '../audit/statements.ts';
import { noteNetwork } from '../networks/statements.ts';
import type { NoticeStatements } from '../notices/service.ts';
import type { Session } from '../sessions/session.ts';
import { isLiveSince, isLoggedInBy } from '../sessions/statements.ts';
import type { Proof } from './proof.ts';
import {
  evictOldest,
  insertSession,
  isStarted,
  type Reauthenticated,
  setAuthTime,
} from './statements.ts';

interface StartOptions {
  /** A session of the same user that must still be live; `undefined` for a sign-in. */
  readonly replaced: string | undefined;
  /** The event to record if the network is new to the account. */
  readonly newNetwork: AuditEvent;
  /** Queues the notice of a login from a network that is new to the account. */
  readonly notice: NoticeStatements | undefined;
  /** The event to record for each session that the limit evicts. */
  readonly eviction: AuditEvent;
}

/** When and where a session is re-authenticated. */
interface ProofVisit {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Null if unknown. */
  readonly network: string | null;
  /** Recorded if the network is new to the account. */
  readonly newNetwork: AuditEvent;
}

export interface SignInStore {
  /**
   * Starts a session and evicts the user's oldest sessions above the limit, in one batch. Returns false if a claim of
   * the proof changed no row, the user is deleted or disabled, or the replaced session has ended. In that case there is
   * no session, no event and no consequence. Changes by the earlier claims remain: a code stays consumed.
   */
  start(session: Session, proof: Proof, options: StartOptions): Promise<boolean>;
  /**
   * Sets the authentication time of a session, in one batch. Returns `undefined`, without an event or a consequence, if
   * a claim of the proof changed no row, the user is deleted or disabled, or the session is not a live one of the user.
   *
   * A proof makes its network known to the account, like a sign-in.
   */
  reauthenticate(
    sessionId: string,
    proof: Proof,
    visit: ProofVisit,
  ): Promise<Reauthenticated | undefined>;
}

interface SignInStoreOptions {
  readonly lifetime: SessionLifetime;
  readonly maxPerUser: number;
}

export function createSignInStore(
  db: Database,
  { lifetime, maxPerUser }: SignInStoreOptions,
): SignInStore {
  function noteProof(
    userId: number,
    { now, network, newNetwork: event }: ProofVisit,
    condition: Condition,
  ): readonly Statement[] {
    if (network === null) return [];
    return noteNetwork(db, { userId, network, now, isLogin: true, condition, event });
  }

  return {
    async start(
      session,
      { claims, event, consequences },
      { replaced, newNetwork, notice, eviction },
    ) {
      const { id, userId, createdAt: now, lastNetwork: network } = session;
      const usedAfter = now - lifetime.idle;
      const isAllowed =
        replaced === undefined ? isNull(users.disabledAt) : isLoggedInBy(replaced, now, usedAfter);
      const started = await change(db, {
        premises: claims,
        claim: insertSession(db, session, isAllowed),
        ifChanged: [recordEventIfChanged(db, userId, event(id))],
        consequences: [
          ...(consequences?.(id, isStarted(id)) ?? []),
          ...noteProof(userId, { now, network, newNetwork }, isStarted(id)),
          ...(notice?.(isRecorded(userId, newNetwork)) ?? []),
          ...evictOldest(db, session, eviction, {
            maxPerUser,
            isLive: isLiveSince(now, usedAfter),
          }),
        ],
      });
      return started.length > 0;
    },

    async reauthenticate(id, { user, claims, event, consequences }, visit) {
      const { now } = visit;
      const success = event(id);
      const isProved = isRecorded(user.id, success);
      const isLive = isLiveSince(now, now - lifetime.idle);
      const [session] = await change(db, {
        premises: claims,
        claim: setAuthTime(db, { id, userId: user.id, now, isLive }),
        ifChanged: [recordEventIfChanged(db, user.id, success)],
        consequences: [
          ...(consequences?.(id, isProved) ?? []),
          ...noteProof(user.id, visit, isProved),
        ],
      });
      return session;
    },
  };
}
