import type { MailTexts, Texts } from './texts.ts';

const REMOVE = 'If it was not you, remove your address from that account.';
const SECURE =
  'If it was not you, secure your account: all devices are logged out, and the password is removed so that you can set a new one.';
const RESET_NOW = 'If it was not you, request a new password on the login page now.';
const IGNORE = 'If it was not you, ignore this message.';
const ASK_OPERATOR = 'If you do not know why, contact the operator of the service.';
const ASK_BY_SMS = 'Do not know why? Contact the operator of the service.';

/** A notice of what an administrator has done. */
const byAdmin = (subject: string, words: string): MailTexts => ({
  subject,
  paragraphs: [words],
  notYou: ASK_OPERATOR,
});

export const en: Texts = {
  minutes: '{count} minutes',
  hours: '{count} hours',
  days: '{count} days',
  orCode: 'Or enter this code:',
  onlyCode: 'Enter this code:',
  linkTime: 'The link is valid for {time}.',
  codeTime: 'The code is valid for {time}.',
  undoTime: 'The link for this is valid for {time}:',
  secret: 'Do not share this message with anybody.',
  undoButton: 'This was not me',
  smsUndo: 'Not you? Within {time}: {link}',
  mail: {
    verify: {
      subject: 'Verify your email address',
      paragraphs: [
        'Somebody has entered {address} as the email address of an account. If it was you, verify the address.',
      ],
      button: 'Verify address',
      notYou: IGNORE,
      undo: REMOVE,
    },
    reset: {
      subject: 'Set a new password',
      paragraphs: [
        'Somebody has requested a new password for the account with the address {address}.',
      ],
      button: 'Set new password',
      notYou: `${IGNORE} The password stays the same.`,
      undo: 'If it was not you, the password stays the same. If the account is not yours either, remove your address from it.',
    },
    release: {
      subject: 'No new password for an unverified address',
      paragraphs: [
        'Somebody has requested a new password for {address}. An account has this address but has not verified it, so this address cannot be used to set a new password.',
        'If the account is yours, request the password with its verified email address or phone number.',
      ],
      notYou: 'If the account is not yours, ignore this message.',
      undo: 'If the account is not yours, remove your address from it.',
    },
    login: {
      subject: 'Log in',
      paragraphs: ['Somebody has requested to log in to the account with the address {address}.'],
      button: 'Log in',
      notYou: IGNORE,
      undo: SECURE,
    },
    reauthenticate: {
      subject: 'Confirm an action',
      paragraphs: [
        'Somebody who is logged in to the account with the address {address} has requested an action that must be confirmed.',
      ],
      notYou: 'If it was not you, log out all devices and change your password.',
      undo: SECURE,
    },
    change: {
      subject: 'Confirm your new email address',
      paragraphs: [
        'Somebody has entered {address} as the new email address of an account. If it was you, confirm the address.',
      ],
      button: 'Confirm address',
      notYou: IGNORE,
      undo: REMOVE,
    },
    changed: {
      subject: 'Your email address was changed',
      paragraphs: ['{address} is no longer the email address of your account.'],
      notYou: 'If it was not you, contact the operator of the service.',
      undo: 'If it was not you, undo the change: the address is restored, all devices are logged out, and the password is removed so that you can set a new one.',
    },
    added: {
      subject: 'Your account has a new address',
      paragraphs: [
        'The account with the address {address} has a new email address or phone number, by which it can be recovered.',
      ],
      notYou: 'If it was not you, log out all devices and change your password.',
      undo: 'If it was not you, remove the new address: all devices are logged out, and the password is removed so that you can set a new one.',
    },
    reset_done: {
      subject: 'Your password was changed',
      paragraphs: ['The password of the account with the address {address} was changed.'],
      notYou: 'If it was not you, request a new password now.',
      undo: SECURE,
    },
    password_changed: {
      subject: 'Your password was changed',
      paragraphs: [
        'The password of the account with the address {address} was changed by somebody who is logged in. All other devices were logged out.',
      ],
      notYou: RESET_NOW,
    },
    new_login: {
      subject: 'A login from a new place',
      paragraphs: [
        'Somebody has logged in to the account with the address {address} from a network that the account has not used before.',
      ],
      notYou: `${RESET_NOW} That logs all devices out.`,
    },
    refresh_reuse: {
      subject: 'A device was logged out',
      paragraphs: [
        'A device was logged out of the account with the address {address}, because its login was used twice. Somebody may have copied it.',
      ],
      notYou: RESET_NOW,
    },
    lockout: {
      subject: 'Too many wrong passwords',
      paragraphs: [
        'Somebody has entered too many wrong passwords for the account with the address {address}. For a while, even the right one may be rejected.',
      ],
      notYou:
        'If it was not you, nobody got in by them, but they may have been entered on a device that is logged in: log out all devices that you do not know. If you have forgotten the password, request a new one on the login page.',
    },
    deleted: {
      subject: 'Your account was deleted',
      paragraphs: [
        'The account with the address {address} was deleted, with everything in it. This cannot be undone.',
      ],
      notYou: 'If it was not you, contact the operator of the service.',
    },
    taken: {
      subject: 'You already have an account',
      paragraphs: [
        'Somebody has tried to sign up with {address}, which already has an account.',
        'If it was you, log in to that account, or request a new password for it.',
      ],
      notYou: `${IGNORE} The account stays the same.`,
      undo: 'If that account is not yours, remove your address from it.',
    },
    invite: {
      subject: 'You have an account',
      paragraphs: [
        'An administrator has created an account with the address {address} for you. Set a password to use it.',
      ],
      button: 'Set password',
      notYou: 'If you do not expect this, ignore this message.',
    },
    reset_required: {
      subject: 'Set a new password',
      paragraphs: [
        'An administrator has removed the password of the account with the address {address} and logged out all its devices. Set a new one to log in.',
      ],
      button: 'Set new password',
      notYou: ASK_OPERATOR,
    },
    admin_disabled: byAdmin(
      'Your account was disabled',
      'An administrator has disabled the account with the address {address} and logged out all its devices.',
    ),
    admin_enabled: byAdmin(
      'Your account was enabled',
      'An administrator has enabled the account with the address {address} again.',
    ),
    admin_unlocked: byAdmin(
      'Your account was unlocked',
      'An administrator has ended the lockout after wrong passwords of the account with the address {address}.',
    ),
    admin_signed_out: byAdmin(
      'Your devices were logged out',
      'An administrator has logged out all devices of the account with the address {address}.',
    ),
    admin_roles: byAdmin(
      'Your roles were changed',
      'An administrator has changed the roles of the account with the address {address}.',
    ),
    admin_changed: byAdmin(
      'Your account was changed',
      'An administrator has changed the account with the address {address}: its profile, or an address was removed.',
    ),
  },
  sms: {
    verify: {
      words: '{code} verifies this number. Valid for {time}.',
      link: 'Verify this number within {time}: {link}',
      notYou: 'Not you? Ignore this message.',
    },
    reset: {
      words: '{code} resets your password. Valid for {time}.',
      link: 'Set a new password within {time}: {link}',
      notYou: 'Not you? Ignore this message.',
    },
    release: {
      words: 'No new password: this number is not verified.',
      notYou: 'Use the verified address of the account. Not your account? Ignore this message.',
    },
    login: {
      words: '{code} is your login code. Valid for {time}.',
      link: 'Log in within {time}: {link}',
      notYou: 'Not you? Ignore this message.',
    },
    reauthenticate: {
      words: '{code} confirms your action. Valid for {time}.',
      notYou: 'Not you? Log out all devices and change your password.',
    },
    change: {
      words: '{code} confirms this number. Valid for {time}.',
      link: 'Confirm this new number within {time}: {link}',
      notYou: 'Not you? Ignore this message.',
    },
    changed: {
      words: 'This is no longer the number of your account.',
      notYou: 'Not you? Contact the operator of the service.',
    },
    added: {
      words: 'Your account has a new address.',
      notYou: 'Not you? Log out all devices and change your password.',
    },
    reset_done: {
      words: 'Your password was changed.',
      notYou: 'Not you? Request a new password now.',
    },
    password_changed: {
      words: 'Your password was changed.',
      notYou: 'Not you? Request a new password now.',
    },
    new_login: {
      words: 'New login to your account.',
      notYou: 'Not you? Request a new password now.',
    },
    refresh_reuse: {
      words: 'A device was logged out: its login was used twice.',
      notYou: 'Do not know why? Request a new password.',
    },
    lockout: {
      words: 'Too many wrong passwords for your account.',
      notYou: 'Not you? Log out devices that you do not know.',
    },
    deleted: {
      words: 'Your account was deleted.',
      notYou: 'Not you? Contact the operator of the service.',
    },
    taken: {
      words: 'This number already has an account. Log in to it.',
      notYou: 'Not you? Ignore this message.',
    },
    invite: {
      words: 'Set a password for your account within {time}: {link}',
      notYou: 'Not yours? Ignore this.',
    },
    reset_required: {
      words: 'Password removed. Set a new one within {time}: {link}',
      notYou: 'Why? Ask the operator.',
    },
    admin_disabled: { words: 'Your account was disabled.', notYou: ASK_BY_SMS },
    admin_enabled: { words: 'Your account was enabled.', notYou: ASK_BY_SMS },
    admin_unlocked: { words: 'Your account was unlocked.', notYou: ASK_BY_SMS },
    admin_signed_out: { words: 'All your devices were logged out.', notYou: ASK_BY_SMS },
    admin_roles: { words: 'The roles of your account were changed.', notYou: ASK_BY_SMS },
    admin_changed: { words: 'An administrator has changed your account.', notYou: ASK_BY_SMS },
  },
};
