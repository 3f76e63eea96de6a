import { z } from 'zod';
import type { LinkAction } from '../../config/message-kinds.ts';

/** What a message is about. */
export const MESSAGE_KINDS = [
  /** Asks the user to verify an address of the account. */
  'verify',
  /** Lets the user set a new password. */
  'reset',
  /** A reset was requested for an address that an account has entered and not verified: offers to release it. */
  'release',
  /** Logs in. */
  'login',
  /** Confirms an action of a user who is logged in. */
  'reauthenticate',
  /** Confirms a new address; sent to that address. */
  'change',
  /** Reports a changed address; sent to the old one. */
  'changed',
  /** Reports a new address; sent to the account's address of the other kind. */
  'added',
  /** Reports a new password. */
  'reset_done',
  /** Reports a password change. */
  'password_changed',
  /** Reports a login from a network and a device that are new to the account. */
  'new_login',
  /** Reports that a refresh token was used twice, which ended the session. */
  'refresh_reuse',
  /** Reports that logins were locked after too many wrong passwords. */
  'lockout',
  /** Reports that the account was deleted. */
  'deleted',
  /** Reports a sign-up with an address that has an account, if sign-ups do not tell. */
  'taken',
  /** Lets a person whom an administrator has invited set the first password. */
  'invite',
  /** An administrator has removed the password: lets the user set a new one. */
  'reset_required',
  /** Report what an administrator has done to the account. */
  'admin_disabled',
  'admin_enabled',
  'admin_unlocked',
  'admin_signed_out',
  'admin_roles',
  'admin_changed',
] as const;

export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What an address is: the channel by which it is reached. */
export const CHANNELS = ['email', 'phone'] as const;

export type Channel = (typeof CHANNELS)[number];

/** The languages of messages. */
export const LOCALES = ['en', 'hi'] as const;

export type Locale = (typeof LOCALES)[number];

/** The content of a message, before it is written out in its language. */
export const messageSchema = z.object({
  kind: z.enum(MESSAGE_KINDS),
  channel: z.enum(CHANNELS),
  /** An email address as its user entered it, or a phone number in E.164. */
  to: z.string(),
  locale: z.enum(LOCALES),
  /** The token of the link that does what the message is about. */
  token: z.string().optional(),
  /** Six digits that do the same. */
  code: z.string().optional(),
  /** The token of the link for somebody who did not cause the message. */
  undo: z.string().optional(),
});

export type Message = z.infer<typeof messageSchema>;

/** Where the link of a kind leads; `undefined` if it has none. The link of `undo` always leads to the action `undo`. */
export const ACTION_OF: Readonly<Partial<Record<MessageKind, LinkAction>>> = {
  verify: 'verify',
  reset: 'reset',
  login: 'login',
  change: 'change',
  invite: 'reset',
  reset_required: 'reset',
};
