import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import { clearSoon } from '../account/clear-soon.ts';
import type { AccountStore } from '../account/store.ts';
import type { AvatarSweeper } from '../avatars/sweeper.ts';
import { type CodeHashes, newToken } from '../codes/code.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import { linksOf } from '../messages/links.ts';
import { storedLocale } from '../messages/locale.ts';
import type { Messages } from '../messages/service.ts';
import { MAX_ROLES, ROLE } from '../roles/role.ts';
import { newAddress } from '../users/new-address.ts';
import { areSmall, createOwnFields, patched, tooLarge } from '../users/own-fields.ts';
import { type Address, addressOf, apiName } from '../users/user.ts';
import {
  type Account,
  type AccountPatch,
  changedFields,
  type Invitation,
  requireVersion,
} from './account.ts';
import type { Act, Actor } from './actor.ts';
import { passwordLink, recoveryAddresses } from './links.ts';
import { createPerformer, type PerformerParts } from './performer.ts';
import { type AdminStoreParts, createAdminStore } from './store.ts';

/**
 * Administers accounts. Every action is recorded with its actor and reason, and reported to the verified address of the
 * account by a message, if it has one and a sender is there. What changes nothing is neither recorded nor reported. Of
 * any number of concurrent actions, none leaves the service without an administrator.
 *
 * Every method throws AppError `not_found` if there is no such account; for an administrator `invalid_token`,
 * `forbidden` or `reauthentication_required` if the session has ended, the role was taken away or the session is no
 * longer fresh.
 */
export interface AdminService {
  /** Reads an account. */
  find(id: number): Promise<Account>;
  /**
   * Creates an account without a password and sends a link that sets one, good for 7 days.
   *
   * @throws AppError `email_taken`, `phone_taken`, `messages_off`, `too_many_requests`
   */
  invite(invitation: Invitation, act: Act): Promise<Account>;
  /**
   * Disables an account that loses its last address.
   *
   * @throws AppError `last_admin` if the last administrator could not log in any more; `precondition_failed` if the
   * account does not have the version of the patch; `validation_failed` for own fields
   */
  update(id: number, patch: AccountPatch, act: Act): Promise<Account>;
  /** Replaces the roles. @throws AppError `last_admin` */
  setRoles(id: number, roles: readonly string[], act: Act): Promise<Account>;
  /** Adds roles to those that the account has, at most 20. */
  grantRoles(id: number, roles: readonly string[], act: Act): Promise<Account>;
  /** Takes roles away, and leaves the others. @throws AppError `last_admin` */
  revokeRoles(id: number, roles: readonly string[], act: Act): Promise<Account>;
  /** Disables the account and ends its sessions and devices. @throws AppError `last_admin` */
  disable(id: number, act: Act): Promise<Account>;
  enable(id: number, act: Act): Promise<Account>;
  /** Clears the lockouts of passwords and codes, and the counts of wrong ones. */
  unlock(id: number, act: Act): Promise<Account>;
  /**
   * Removes the password, ends all sessions and devices, and sends a link that sets a new one.
   *
   * @throws AppError `messages_off`, `no_address`, `last_admin`, `too_many_requests`
   */
  requireReset(id: number, act: Act): Promise<Account>;
  /** Ends all sessions and devices. */
  signOut(id: number, act: Act): Promise<Account>;
  /** Deletes the account as its owner can. @throws AppError `last_admin` */
  remove(id: number, act: Act): Promise<void>;
  /**
   * Creates a link that sets a new password once, for an owner who receives no messages. For operators only, who vouch
   * for the address of the account: the link verifies it. That of a disabled account is accepted once it is enabled.
   *
   * @throws AppError `no_address`
   */
  resetLink(id: number, act: Act): Promise<string>;
}

export interface AdminParts extends AdminStoreParts, PerformerParts {
  readonly config: Pick<
    Config,
    'defaultPhoneRegion' | 'messages' | 'host' | 'port' | 'profileFields'
  >;
  readonly accounts: Pick<AccountStore, 'clearSome'>;
  readonly avatarSweeper: Pick<AvatarSweeper, 'sweepAccount'>;
  readonly codeHashes: CodeHashes;
  readonly limits: Pick<RateLimits, 'adminMessage'>;
  readonly messages: Pick<Messages, 'canSend' | 'prepare' | 'kick'>;
  readonly sessions: AdminStoreParts['sessions'] & PerformerParts['sessions'];
}

export function createAdminService(parts: AdminParts): AdminService {
  const { config, clock, accounts, avatarSweeper, codeHashes, limits, messages } = parts;
  const region = config.defaultPhoneRegion;
  const store = createAdminStore(parts);
  const { find, reject, requireActor, eventFor, run, runAndFind } = createPerformer(parts, store);
  const linkOf = linksOf(config);
  const ownFields = createOwnFields(config.profileFields);

  const newLink = (token: string, address: Address, lifetime: number) =>
    passwordLink(codeHashes, token, address, clock() + lifetime);

  /** @throws AppError `too_many_requests` for an administrator who has caused too many */
  async function countMessage(actor: Actor): Promise<void> {
    if (actor.kind === 'admin') await limits.adminMessage(String(actor.user.id));
  }

  return {
    find: (id) => find(id, OPERATOR),

    async invite({ email, phone, name, roles = [], locale }, act) {
      const user = {
        email: email === undefined ? null : newAddress('email', email, region),
        phone: phone === undefined ? null : newAddress('phone', phone, region),
        ...{ passwordHash: null, name: name ?? null, locale },
      };
      const recipient = addressOf(
        { email: user.email?.entered ?? null, phone: user.phone?.entered ?? null },
        user.email ? 'email' : 'phone',
        region,
      );
      if (!recipient) throw invalid('#/email', 'required', 'requires an address');
      const { channel, to } = recipient;
      if (!messages.canSend(channel)) return reject(act.actor, 'messages_off');
      await countMessage(act.actor);
      const granted = roleList(roles);
      const detail = granted.length > 0 ? { granted } : {};
      const token = newToken();
      const link = newLink(token, recipient, LIFETIME_MS.invite);
      const id = await store.invite(
        { user, roles: granted, recipient: { kind: channel, normalized: recipient.address }, link },
        (userId) =>
          messages.prepare(
            { kind: 'invite', channel, to, locale, token },
            { userId, expiresAt: link.expiresAt, trace: act.caller.trace },
          ),
        {
          actor: act.actor,
          event: eventFor(act, { name: 'account_invite', detail }),
          roleChange: eventFor(act, { name: 'role_change', detail: { granted, revoked: [] } }),
        },
      );
      if (id === undefined) {
        await requireActor(act.actor);
        throw await store.takenError(user);
      }
      messages.kick(act.later);
      return find(id, act.actor);
    },

    async update(id, patch, act) {
      const account = await find(id, act.actor);
      if (patch.fields !== undefined) ownFields.check(patch.fields, account.fields);
      requireVersion(account, patch);
      const fields = changedFields(account, patch);
      if (fields.length === 0) return account;
      const { version } = patch;
      const changes = {
        ...Object.fromEntries(fields.map((field) => [field, patch[field]])),
        ...(version !== undefined && { version }),
      };
      const changed = await runAndFind(id, act, {
        name: 'account_update',
        detail: { fields: fields.map(apiName) },
        notice: 'admin_changed',
        apply(action, now) {
          if (patch.fields && !areSmall(patched(now.fields, patch.fields))) throw tooLarge();
          return store.update(id, changes, action);
        },
        isDone(now) {
          requireVersion(now, patch);
          return changedFields(now, patch).length === 0;
        },
      });
      if (fields.includes('avatarKey')) act.later(() => avatarSweeper.sweepAccount(id));
      return changed;
    },

    async setRoles(id, roles, act) {
      const wanted = roleList(roles);
      return runAndFind(id, act, {
        name: 'role_change',
        notice: 'admin_roles',
        apply: (action) => store.setRoles(id, wanted, action),
        isDone: (account) => account.roles.join() === wanted.join(),
      });
    },

    async grantRoles(id, roles, act) {
      const granted = roleList(roles);
      return runAndFind(id, act, {
        name: 'role_change',
        notice: 'admin_roles',
        apply(action, account) {
          roleList([...account.roles, ...granted]);
          return store.grantRoles(id, granted, action);
        },
        isDone: (account) => granted.every((role) => account.roles.includes(role)),
      });
    },

    async revokeRoles(id, roles, act) {
      const revoked = roleList(roles);
      return runAndFind(id, act, {
        name: 'role_change',
        notice: 'admin_roles',
        apply: (action) => store.revokeRoles(id, revoked, action),
        isDone: (account) => !revoked.some((role) => account.roles.includes(role)),
      });
    },

    disable: (id, act) =>
      runAndFind(id, act, {
        name: 'account_disable',
        notice: 'admin_disabled',
        apply: (action) => store.disable(id, action),
        isDone: ({ disabledAt }) => disabledAt !== null,
      }),

    enable: (id, act) =>
      runAndFind(id, act, {
        name: 'account_enable',
        notice: 'admin_enabled',
        apply: (action) => store.enable(id, action),
        isDone: ({ disabledAt }) => disabledAt === null,
      }),

    unlock: (id, act) =>
      runAndFind(id, act, {
        name: 'account_unlock',
        notice: 'admin_unlocked',
        apply: (action) => store.unlock(id, action),
        isDone: () => true,
      }),

    requireReset: (id, act) =>
      runAndFind(id, act, {
        name: 'reset_require',
        notice: 'admin_changed',
        async apply(action, account) {
          const addresses = recoveryAddresses(account, region);
          if (addresses.length === 0) return reject(act.actor, 'no_address');
          const recipient = addresses.find(({ channel }) => messages.canSend(channel));
          if (!recipient) return reject(act.actor, 'messages_off');
          await countMessage(act.actor);
          const token = newToken();
          const link = { ...newLink(token, recipient, LIFETIME_MS.reset), userId: id };
          const { channel, to } = recipient;
          const locale = storedLocale(account.locale);
          const message = await messages.prepare(
            { kind: 'reset_required', channel, to, locale, token },
            { userId: id, expiresAt: link.expiresAt, trace: act.caller.trace },
          );
          return store.requireReset(id, link, message, action);
        },
      }),

    signOut: (id, act) =>
      runAndFind(id, act, {
        name: 'sign_out',
        notice: 'admin_signed_out',
        apply: (action) => store.signOut(id, action),
      }),

    async remove(id, act) {
      await run(id, act, {
        name: 'account_delete',
        notice: 'deleted',
        apply: (action) => store.remove(id, action),
      });
      act.later(clearSoon(accounts));
      act.later(() => avatarSweeper.sweepAccount(id));
    },

    async resetLink(id, act) {
      if (act.actor.kind !== 'operator') throw new AppError('forbidden');
      const token = newToken();
      await run(id, act, {
        name: 'reset_link',
        notice: 'admin_changed',
        async apply(action, account) {
          const [address] = recoveryAddresses(account, region);
          if (!address) throw new AppError('no_address');
          const link = { ...newLink(token, address, LIFETIME_MS.reset), userId: id };
          return store.addLink(id, link, action);
        },
      });
      return linkOf('reset', token);
    },
  };
}

const OPERATOR: Actor = { kind: 'operator', name: '' };

const invalid = (pointer: string, code: string, message: string): AppError =>
  new AppError('validation_failed', { fields: [{ pointer, code, message }] });

/** Returns the roles once each, in alphabetical order. @throws AppError `validation_failed` */
function roleList(roles: readonly string[]): readonly string[] {
  const list = [...new Set(roles)].sort();
  if (list.length > MAX_ROLES)
    throw invalid('#/roles', 'too_long', `must have at most ${MAX_ROLES} roles`);
  if (!list.every((role) => ROLE.test(role)))
    throw invalid('#/roles', 'invalid_format', 'must be roles');
  return list;
}
