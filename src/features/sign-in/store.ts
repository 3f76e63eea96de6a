import { isNull } from 'drizzle-orm';
import type { SessionLifetime } from '../../config/bounds.ts';
import { change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import { noteNetwork } from '../networks/statements.ts';
import type { Session } from '../sessions/session.ts';
import { isLiveSince, isLoggedInBy } from '../sessions/statements.ts';
import type { Proof } from './proof.ts';
import { evictOldest, insertSession, isStarted } from './statements.ts';

interface StartOptions {
  /** A session of the same user that must still be live; `undefined` for a sign-in. */
  readonly replaced: string | undefined;
  /** The event to record if the network is new to the account. */
  readonly newNetwork: AuditEvent;
  /** The event to record for each session that the limit evicts. */
  readonly eviction: AuditEvent;
}

export interface SignInStore {
  /**
   * Starts a session and evicts the user's oldest sessions above the limit, in one batch. Returns false if a claim of
   * the proof changed no row, the user is deleted or disabled, or the replaced session has ended. In that case there is
   * no session, no event and no consequence. Changes by the earlier claims remain: a code stays consumed.
   */
  start(session: Session, proof: Proof, options: StartOptions): Promise<boolean>;
}

interface SignInStoreOptions {
  readonly lifetime: SessionLifetime;
  readonly maxPerUser: number;
}

export function createSignInStore(
  db: Database,
  { lifetime, maxPerUser }: SignInStoreOptions,
): SignInStore {
  function noteStart(session: Session, event: AuditEvent): readonly Statement[] {
    const { id, userId, createdAt: now, lastNetwork: network } = session;
    if (network === null) return [];
    return noteNetwork(db, {
      userId,
      network,
      now,
      isLogin: true,
      condition: isStarted(id),
      event,
    });
  }

  return {
    async start(session, { claims, event, consequences }, { replaced, newNetwork, eviction }) {
      const { id, userId, createdAt: now } = session;
      const usedAfter = now - lifetime.idle;
      const isAllowed =
        replaced === undefined ? isNull(users.disabledAt) : isLoggedInBy(replaced, now, usedAfter);
      const started = await change(db, {
        premises: claims,
        claim: insertSession(db, session, isAllowed),
        ifChanged: [recordEventIfChanged(db, userId, event(id))],
        consequences: [
          ...(consequences?.(id, isStarted(id)) ?? []),
          ...noteStart(session, newNetwork),
          ...evictOldest(db, session, eviction, {
            maxPerUser,
            isLive: isLiveSince(now, usedAfter),
          }),
        ],
      });
      return started.length > 0;
    },
  };
}
