import { AppError } from '../../core/errors.ts';
import { isChange } from '../users/own-fields.ts';
import type { ProfilePatch, User } from '../users/user.ts';

/** An account as administrators see it. Never contains a secret. */
export interface Account extends User {
  /** In alphabetical order. */
  readonly roles: readonly string[];
  /** When it was disabled; null if it is enabled. Milliseconds since 1970, like all times here. */
  readonly disabledAt: number | null;
  /** When the lockout of networks that the account does not know ends; null or in the past if there is none. */
  readonly lockedUntil: number | null;
  readonly hasPassword: boolean;
}

/** An account to invite: at least one address. */
export interface Invitation {
  /** As entered. */
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly name?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Of the message. */
  readonly locale: 'en' | 'hi';
}

/** Changes to an account. Addresses and the picture can be taken away, never set. */
export interface AccountPatch extends ProfilePatch {
  readonly email?: null;
  readonly phone?: null;
  readonly avatarKey?: null;
  /** The version that the account must have for the changes to apply. */
  readonly version?: number;
}

/** What a patch can change. */
export const PATCHED = [
  'name',
  'bio',
  'email',
  'phone',
  'avatarKey',
  'locale',
  'timeZone',
  'fields',
] as const;

/** The id of an account as a text: the source of a regular expression. */
export const ID_PATTERN = String.raw`[1-9]\d{0,14}`;
export const ACCOUNT_ID = new RegExp(`^${ID_PATTERN}$`);

/** The fields of an account that a patch changes. */
export const changedFields = (account: Account, patch: AccountPatch) =>
  PATCHED.filter((field) => {
    if (patch[field] === undefined) return false;
    if (field !== 'fields') return patch[field] !== account[field];
    return isChange(account.fields, patch.fields ?? null);
  });

/** @throws AppError `precondition_failed` unless the account has the version of the patch, if that has one */
export function requireVersion({ version }: Account, patch: AccountPatch): void {
  if (version !== (patch.version ?? version)) throw new AppError('precondition_failed');
}
