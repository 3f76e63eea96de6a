import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { deletedAccounts, knownDevices } from '../../core/db/account-schema.ts';
import { type Condition, change } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { auditEvents, codes as codesTable, outbox, users } from '../../core/db/schema.ts';
import type { AppError } from '../../core/errors.ts';
import { forgetImportedAddresses } from '../account/statements.ts';
import type { AuditEvent } from '../audit/event.ts';
import {
  INSERTED_ROW,
  isRecorded,
  recordEventIfChanged,
  recordEventOfUsers,
} from '../audit/statements.ts';
import { releaseAvatar } from '../avatars/statements.ts';
import { endAccess } from '../codes/end-access.ts';
import { insertCode, isIssued, type NewCode, NO_CODE_FAILURES } from '../codes/statements.ts';
import type { CodeStore } from '../codes/store.ts';
import type { DeviceStore } from '../devices/store.ts';
import { CHANNELS } from '../messages/message.ts';
import type { Queueing } from '../messages/store.ts';
import { NO_FAILURES } from '../passwords/lockout.ts';
import type { CredentialStore } from '../passwords/store.ts';
import { leavesAnAdmin, mayLoseAddress, mayLosePassword } from '../roles/statements.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { Identifier } from '../users/identifier.ts';
import {
  addressColumns,
  addressValues,
  areFieldsSmall,
  changedValues,
  disabledUnlessReachable,
  NO_ADDRESS,
  patchValues,
  type UserValues,
} from '../users/statements.ts';
import { insertUser, type NewUser, orTaken, reservationError } from '../users/store.ts';
import type { Account, AccountPatch } from './account.ts';
import { findAccount } from './account-columns.ts';
import type { Action, Effect } from './action.ts';
import type { Actor } from './actor.ts';
import { createRoleStore, type RoleStore } from './role-store.ts';
import {
  addRoles,
  endAddresses,
  hasFailures,
  isChangedBy,
  isUnreachable,
  recordAction,
} from './statements.ts';

/** An account to create, and the link that sets its password. */
export interface NewInvitation {
  readonly user: NewUser;
  readonly roles: readonly string[];
  /** The address that the link goes to. */
  readonly recipient: Identifier;
  readonly link: Omit<NewCode, 'userId'>;
}

/**
 * Applies actions, each in one batch. Each returns false, and changes nothing, if there is no such account, an
 * administrator who acts has no live and fresh session or not the role any more, or the action changes nothing; also if
 * it would leave no administrator who can log in.
 */
export interface AdminStore extends RoleStore {
  find(id: number): Promise<Account | undefined>;
  /** True if the action was applied, for databases that do not return the rows of a batch. */
  wasApplied(id: number, action: Action): Promise<boolean>;
  /** True if the service has no administrator who can log in but this account. */
  isLastAdmin(id: number): Promise<boolean>;
  disable(id: number, action: Action): Promise<boolean>;
  enable(id: number, action: Action): Promise<boolean>;
  unlock(id: number, action: Action): Promise<boolean>;
  signOut(id: number, action: Action): Promise<boolean>;
  update(id: number, patch: AccountPatch, action: Action): Promise<boolean>;
  remove(id: number, action: Action): Promise<boolean>;
  /** A disabled account gets no link, which would not be accepted, but the notice. */
  requireReset(id: number, link: NewCode, message: Queueing, action: Action): Promise<boolean>;
  /** Stores a link. That of a disabled account is accepted once the account is enabled. */
  addLink(id: number, link: NewCode, action: Action): Promise<boolean>;
  /**
   * Creates an account. Returns its id; `undefined` if the administrator may not.
   *
   * @param message prepares the message to the account whose id the statement finds
   * @param action with the event that records the roles, if there are any
   * @throws AppError `email_taken` or `phone_taken`
   */
  invite(
    invitation: NewInvitation,
    message: (userId: Condition) => Promise<Queueing>,
    action: Action & { readonly roleChange: AuditEvent },
  ): Promise<number | undefined>;
  /** The error of an invitation that was not applied because an address is reserved. */
  takenError(user: NewUser): Promise<AppError>;
}

export interface AdminStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codes: Pick<CodeStore, 'end'>;
  readonly credentials: Pick<CredentialStore, 'clearFailures'>;
  readonly devices: Pick<DeviceStore, 'endAllOf'>;
  readonly sessions: Pick<SessionStore, 'endAllOf' | 'isFreshlyLoggedInAdmin'>;
}

export function createAdminStore(parts: AdminStoreParts): AdminStore {
  const { db, clock, codes, credentials, devices, sessions } = parts;

  /** True while the administrator may act. Whoever has the program has the database. */
  const mayAct = (actor: Actor): Condition =>
    actor.kind === 'operator'
      ? sql`true`
      : sessions.isFreshlyLoggedInAdmin({ id: actor.session.id, userId: actor.user.id });

  /** Records an action if it is allowed, and applies what follows from it, in one batch. */
  async function apply(
    id: number,
    { actor, event, notice }: Action,
    { condition = sql`true`, detail, consequences }: Effect,
  ): Promise<boolean> {
    const isDone = isRecorded(id, event);
    const recorded = await change(db, {
      claim: recordAction(db, id, event, sql`${mayAct(actor)} and ${condition}`, detail),
      consequences: [...consequences(isDone), ...(notice?.(isDone) ?? [])],
    });
    return recorded.length > 0;
  }

  const updateUser = (id: number, values: UserValues, condition: Condition) =>
    db
      .update(users)
      .set(values)
      .where(and(eq(users.id, id), condition));

  return {
    find: (id) => findAccount(db, eq(users.id, id)),

    async wasApplied(id, { event }) {
      const [row] = await db
        .select({ id: auditEvents.id })
        .from(auditEvents)
        .where(and(eq(auditEvents.subjectId, id), isRecorded(id, event)))
        .limit(1);
      return row !== undefined;
    },

    async isLastAdmin(id) {
      const [row] = await db
        .select({ leaves: sql<number>`${leavesAnAdmin(id)}` })
        .from(users)
        .where(eq(users.id, id));
      return row?.leaves === 0;
    },

    disable: (id, action) =>
      apply(id, action, {
        condition: and(isNull(users.disabledAt), leavesAnAdmin(id)),
        consequences: (isDone) => [
          updateUser(id, { disabledAt: clock() }, isDone),
          ...endAccess(parts, id, isDone),
        ],
      }),

    enable: (id, action) =>
      apply(id, action, {
        condition: isNotNull(users.disabledAt),
        consequences: (isDone) => [updateUser(id, { disabledAt: null }, isDone)],
      }),

    unlock: (id, action) =>
      apply(id, action, {
        condition: hasFailures(id),
        consequences: (isDone) => [
          updateUser(id, { ...NO_FAILURES, ...NO_CODE_FAILURES }, isDone),
          credentials.clearFailures(id, isDone),
          db
            .update(knownDevices)
            .set({ failures: 0 })
            .where(and(eq(knownDevices.userId, id), isDone)),
        ],
      }),

    signOut: (id, action) =>
      apply(id, action, {
        consequences: (isDone) => [
          sessions.endAllOf(id, isDone),
          devices.endAllOf(id, isDone),
          // As every end of all sessions does: a thief may have requested a change of address.
          codes.end(id, isDone, { purposes: ['change'] }),
        ],
      }),

    update(id, patch, action) {
      const { email: _, phone: __, avatarKey, version, ...profile } = patch;
      const taken = CHANNELS.filter((channel) => patch[channel] === null);
      const [first, second] = taken;
      const now = clock();
      const values = {
        ...patchValues(profile),
        ...(avatarKey === null && { avatarKey }),
        ...Object.assign({}, ...taken.map((channel) => addressValues(channel, NO_ADDRESS))),
        ...changedValues(now),
        ...(first && {
          disabledAt: second
            ? sql`coalesce(${users.disabledAt}, ${now})`
            : disabledUnlessReachable(first, now),
        }),
      };
      return apply(id, action, {
        condition: and(
          isChangedBy(patch),
          areFieldsSmall(patch.fields),
          second ? leavesAnAdmin(id) : first && mayLoseAddress(first, id, true),
          version === undefined ? undefined : eq(users.version, version),
        ),
        consequences: (isDone) => [
          updateUser(id, values, isDone),
          ...(avatarKey === null ? [releaseAvatar(db, id, now, isDone)] : []),
          ...taken.flatMap((channel) => endAddresses(db, id, channel, isDone)),
          ...(first ? endAccess(parts, id, sql`${isDone} and ${isUnreachable(id)}`) : []),
        ],
      });
    },

    ...createRoleStore(db, clock, apply),

    remove: (id, { notice, ...action }) =>
      apply(id, action, {
        condition: leavesAnAdmin(id),
        consequences: (isDone) => [
          // The deletion unlinks the messages of the account, the notice too. Afterwards, nothing tells them apart.
          db.delete(outbox).where(and(eq(outbox.userId, id), isDone)),
          ...(notice?.(isDone) ?? []),
          // Also deletes all rows that refer to it, the sessions among them.
          db.delete(users).where(and(eq(users.id, id), isDone)),
          insertWhere(db, deletedAccounts, { id, deletedAt: clock() }, isDone),
          forgetImportedAddresses(db, id, isDone),
          releaseAvatar(db, id, clock(), isDone),
        ],
      }),

    requireReset: (id, link, message, { notice, ...action }) =>
      apply(id, action, {
        condition: mayLosePassword(id),
        consequences: (isDone) => [
          updateUser(id, { passwordHash: null }, isDone),
          ...endAccess(parts, id, isDone),
          insertCode(db, link, clock(), isDone),
          message(isIssued(link.hash)),
          ...(notice?.(sql`${isDone} and not ${isIssued(link.hash)}`) ?? []),
        ],
      }),

    addLink: (id, link, action) =>
      apply(id, action, {
        consequences: (isDone) => [
          insertWhere(db, codesTable, { ...link, createdAt: clock() }, isDone),
        ],
      }),

    async invite({ user, roles, recipient, link }, message, { actor, event, roleChange }) {
      const now = clock();
      const isHolder = eq(addressColumns(recipient.kind).normalized, recipient.normalized);
      const id = sql`(select ${users.id} from ${users} where ${isHolder})`;
      const isDone = isRecorded(id, event);
      const queue = await message(id);
      const [created] = await orTaken(
        change(db, {
          claim: insertUser(db, user, now, mayAct(actor)).returning({ id: users.id }),
          ifChanged: [recordEventIfChanged(db, INSERTED_ROW, event)],
          consequences: [
            addRoles(db, id, JSON.stringify(roles), now, isDone),
            recordEventOfUsers(db, roleChange, isHolder),
            insertCode(db, { ...link, userId: id }, now, isDone),
            queue(isDone),
          ],
        }),
      );
      return created?.id;
    },

    takenError: (user) => reservationError(db, user, clock()),
  };
}
