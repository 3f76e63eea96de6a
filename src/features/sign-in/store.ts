import type { SessionLifetime } from '../../config/bounds.ts';
import { change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import { noteNetwork } from '../networks/statements.ts';
import type { Session } from '../sessions/session.ts';
import { isLiveSince } from '../sessions/statements.ts';
import type { Proof } from './proof.ts';
import { evictOldest, insertSession, isStarted } from './statements.ts';

/** The events to record when a session starts. */
export interface StartEvents {
  /** Recorded if its network is new to the account. */
  readonly newNetwork: AuditEvent;
  /** Recorded for each session that the limit evicts. */
  readonly eviction: AuditEvent;
}

export interface SignInStore {
  /**
   * Starts a session and evicts the user's oldest ones above the limit, in one batch. Returns false, and changes
   * nothing, if the proof is no longer valid.
   */
  start(session: Session, proof: Proof, events: StartEvents): Promise<boolean>;
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
    async start(session, { claim, event, consequences }, { newNetwork, eviction }) {
      const { id, userId, createdAt: now } = session;
      const claimed = await change(db, {
        claim,
        ifChanged: [insertSession(db, session), recordEventIfChanged(db, userId, event(id))],
        consequences: [
          ...(consequences?.(id, isStarted(id)) ?? []),
          ...noteStart(session, newNetwork),
          ...evictOldest(db, session, eviction, {
            maxPerUser,
            isLive: isLiveSince(now, now - lifetime.idle),
          }),
        ],
      });
      return claimed.length > 0;
    },
  };
}
