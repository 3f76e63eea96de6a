import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import { codeField, linkTokenField, MESSAGE_SENT } from '../codes/fields.ts';
import { fresh, user } from '../sessions/guards.ts';
import { newEmailField, newPhoneField } from '../users/fields.ts';

const linkBody = json(
  z.object({ token: linkTokenField }).openapi('LinkToken', { description: 'The token of a link.' }),
  'The token of the link.',
);

const byLink = {
  guard: open,
  method: 'post',
  tags: ['recovery'],
  body: linkBody,
  limit: { name: 'useCode', who: () => '' },
} as const;

export const changeEmail = operation({
  operationId: 'changeEmail',
  guard: fresh,
  method: 'post',
  path: '/auth/email/change',
  tags: ['recovery'],
  summary: 'Change your email address',
  description:
    'Sends a link (60 minutes) to the new address. The address changes once the link is used. At most one message a minute and five an hour are sent.',
  body: json(
    z
      .object({ email: newEmailField })
      .openapi('EmailChange', { description: 'A new email address.' }),
    'The new email address.',
  ),
  fails: ['messages_off'],
  answers: { 202: MESSAGE_SENT },
});

export const confirmEmail = operation({
  ...byLink,
  operationId: 'confirmEmail',
  path: '/auth/email/confirm',
  summary: 'Confirm a new email address',
  description:
    'Changes the email address to the one that the link was sent to, and verifies it. An account that has entered the address without verifying it loses it. A notice goes to the old address; if that was verified, with a link that restores it for 72 hours. Another goes to the other address of the account; if that is verified and the old one was not, with a link that removes the new address for 72 hours.',
  fails: ['invalid_code', 'email_taken', 'database_unavailable'],
  answers: { 204: { description: 'The address was changed.' } },
});

export const undoEmail = operation({
  ...byLink,
  operationId: 'undoEmail',
  path: '/auth/email/undo',
  summary: 'Undo a change of email address',
  description:
    'Restores the old address, removes an added one by the link in the notice to the other address, or takes an unverified address away from the account that entered it. Revokes all sessions, links and codes of the account and removes its password, which must be reset.',
  fails: ['invalid_code', 'database_unavailable'],
  answers: { 204: { description: 'The change was undone.' } },
});

export const changePhone = operation({
  operationId: 'changePhone',
  guard: fresh,
  method: 'post',
  path: '/auth/phone/change',
  tags: ['recovery'],
  summary: 'Change your phone number',
  description:
    'Sends a code (15 minutes) to the new number. The number changes once the code is confirmed. At most one message a minute and five an hour are sent.',
  body: json(
    z
      .object({ phone: newPhoneField })
      .openapi('PhoneChange', { description: 'A new phone number.' }),
    'The new phone number.',
  ),
  fails: ['messages_off'],
  answers: { 202: MESSAGE_SENT },
});

export const confirmPhone = operation({
  operationId: 'confirmPhone',
  guard: user,
  method: 'post',
  path: '/auth/phone/confirm',
  tags: ['recovery'],
  summary: 'Confirm a new phone number',
  description:
    'Changes the phone number to the one that the code was sent to, and verifies it. An account that has entered the number without verifying it loses it. A notice goes to the old number; if that was verified, with a link that restores it for 72 hours. Another goes to the other address of the account; if that is verified and the old one was not, with a link that removes the new address for 72 hours.',
  body: json(
    z.object({ code: codeField }).openapi('PhoneConfirmation', { description: 'A code.' }),
    'The code of the message.',
  ),
  limit: { name: 'useCode', who: () => '' },
  fails: ['invalid_code', 'phone_taken'],
  answers: { 204: { description: 'The number was changed.' } },
});

export const undoPhone = operation({
  ...byLink,
  operationId: 'undoPhone',
  path: '/auth/phone/undo',
  summary: 'Undo a change of phone number',
  description:
    'Restores the old number, removes an added one by the link in the notice to the other address, or takes an unverified number away from the account that entered it. Revokes all sessions, links and codes of the account and removes its password, which must be reset.',
  fails: ['invalid_code', 'database_unavailable'],
  answers: { 204: { description: 'The change was undone.' } },
});
