import { isNull, sql } from 'drizzle-orm';
import type { SessionLifetime } from '../../config/bounds.ts';
import type { Caller } from '../../core/caller.ts';
import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import { type Condition, change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { isRecorded, recordEventIfChanged } from '../audit/statements.ts';
import { isDeviceOf, keepDevice } from '../devices/statements.ts';
import type { DeviceToken } from '../devices/token.ts';
import { isNetworkOf } from '../networks/known.ts';
import { noteNetwork } from '../networks/statements.ts';
import type { NoticeStatements } from '../notices/service.ts';
import { rolesIn } from '../roles/role.ts';
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
  /** Stored if the proof has no token of a device. */
  readonly freshDevice: DeviceToken;
  /** The event to record if the network is new to the account. */
  readonly newNetwork: AuditEvent;
  /** Queues the notice of a login from a network and a device that the account has not logged in from. */
  readonly notice: NoticeStatements | undefined;
  /** The event to record for each session that the limit evicts. */
  readonly eviction: AuditEvent;
}

/** When and where a session is re-authenticated. */
interface ProofVisit {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly caller: Pick<Caller, 'network' | 'address' | 'userAgent'>;
  /** Stored if the proof has no token of a device. */
  readonly freshDevice: DeviceToken;
  /** Recorded if the network is new to the account. */
  readonly newNetwork: AuditEvent;
  /** Queues the notice of a proof from a network and a device that the account has not logged in from. */
  readonly notice: NoticeStatements | undefined;
}

/** A session that has started. */
interface Started {
  /** True if the presented device token was that of a device. If not, the fresh one is stored. */
  readonly isKnownDevice: boolean;
  /** Of the user, in alphabetical order. */
  readonly roles: readonly string[];
}

export interface SignInStore {
  /**
   * Starts a session, stores its device and evicts the user's oldest sessions above the limit, in one batch. Returns
   * `undefined` if a claim of the proof changed no row, the user is deleted or disabled, or the replaced session has
   * ended. In that case there is no session, no event and no consequence. Changes by the earlier claims remain: a code
   * stays consumed.
   */
  start(session: Session, proof: Proof, options: StartOptions): Promise<Started | undefined>;
  /**
   * Sets the authentication time of a session, in one batch. Returns `undefined`, without an event or a consequence, if
   * a claim of the proof changed no row, the user is deleted or disabled, or the session is not a live one of the user.
   *
   * A proof makes its network and its device known to the account, like a sign-in.
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
  /** Returns the statements that make network and device known to the account, after the notice of new ones. */
  function noteProof(
    userId: number,
    device: DeviceToken | undefined,
    { now, caller, freshDevice, newNetwork: event, notice }: ProofVisit,
    condition: Condition,
  ): readonly Statement[] {
    const { network, address, userAgent } = caller;
    const isNew = (from: string) =>
      sql`${condition} and not ${isNetworkOf(userId, from, now)} and not ${isDeviceOf(userId, device, now)}`;
    return [
      ...(network === null ? [] : (notice?.(isNew(network)) ?? [])),
      ...keepDevice(db, {
        ...{ userId, presented: device, fresh: freshDevice, id: toBase64Url(randomBytes(16)) },
        ...{ now, userAgent, address, condition },
      }),
      ...(network === null
        ? []
        : noteNetwork(db, { userId, network, now, isLogin: true, condition, event })),
    ];
  }

  return {
    async start(session, { claims, device, event, consequences }, options) {
      const { replaced, newNetwork, notice, freshDevice, eviction } = options;
      const { id, userId, createdAt: now, lastNetwork, address, userAgent } = session;
      const caller = { network: lastNetwork, address, userAgent };
      const visit = { now, caller, freshDevice, newNetwork, notice };
      const usedAfter = now - lifetime.idle;
      const isAllowed =
        replaced === undefined ? isNull(users.disabledAt) : isLoggedInBy(replaced, now, usedAfter);
      const [started] = await change(db, {
        premises: claims,
        claim: insertSession(db, session, isAllowed, isDeviceOf(userId, device, now)),
        ifChanged: [recordEventIfChanged(db, userId, event(id))],
        consequences: [
          ...(consequences?.(id, isStarted(id)) ?? []),
          ...noteProof(userId, device, visit, isStarted(id)),
          ...evictOldest(db, session, eviction, {
            maxPerUser,
            isLive: isLiveSince(now, usedAfter),
          }),
        ],
      });
      return started && read(started);
    },

    async reauthenticate(id, { user, claims, device, event, consequences }, visit) {
      const { now } = visit;
      const success = event(id);
      const isProved = isRecorded(user.id, success);
      const isLive = isLiveSince(now, now - lifetime.idle);
      const isKnownDevice = isDeviceOf(user.id, device, now);
      const [session] = await change(db, {
        premises: claims,
        claim: setAuthTime(db, { id, userId: user.id, now, isLive, isKnownDevice }),
        ifChanged: [recordEventIfChanged(db, user.id, success)],
        consequences: [
          ...(consequences?.(id, isProved) ?? []),
          ...noteProof(user.id, device, visit, isProved),
        ],
      });
      return session && { ...session, ...read(session) };
    },
  };
}

/** Reads the columns that the driver returns as a number and as a list. */
const read = (row: { readonly isKnownDevice: number; readonly roles: string | null }): Started => ({
  isKnownDevice: row.isKnownDevice !== 0,
  roles: rolesIn(row.roles),
});
