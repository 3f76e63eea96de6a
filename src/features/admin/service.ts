import type { Account, AccountPatch, Invitation } from './account.ts';
import type { Act } from './actor.ts';

/**
 * Administers accounts. Every action is recorded with its actor and reason, and reported to the owner of the account by a
 * notice. Of any number of concurrent actions, none leaves the service without an administrator.
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
   * @throws AppError `email_taken`, `phone_taken`, `messages_off`
   */
  invite(invitation: Invitation, act: Act): Promise<Account>;
  /** An empty patch changes nothing. @throws AppError `last_admin` if it takes the last address of the last administrator */
  update(id: number, patch: AccountPatch, act: Act): Promise<Account>;
  /** Replaces the roles. @throws AppError `last_admin` */
  setRoles(id: number, roles: readonly string[], act: Act): Promise<Account>;
  /** Disables the account and ends its sessions and devices. @throws AppError `last_admin` */
  disable(id: number, act: Act): Promise<Account>;
  enable(id: number, act: Act): Promise<Account>;
  /** Clears the lockouts of passwords and codes. */
  unlock(id: number, act: Act): Promise<Account>;
  /** Removes the password, ends all sessions and devices, and sends a link that sets a new one. @throws AppError `messages_off`, `no_address` */
  requireReset(id: number, act: Act): Promise<Account>;
  /** Ends all sessions and devices. */
  signOut(id: number, act: Act): Promise<Account>;
  /** Deletes the account as its owner can. @throws AppError `last_admin` */
  remove(id: number, act: Act): Promise<void>;
  /**
   * Creates a link that sets a new password once, for an owner who receives no messages. For operators only.
   *
   * @throws AppError `no_address`
   */
  resetLink(id: number, act: Act): Promise<string>;
}
