import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { operation } from '../../core/http/operation.ts';
import {
  channelField,
  codeField,
  hasOne,
  linkTokenField,
  MESSAGE_SENT,
  ONE_REQUIRED,
  withCodeOnly,
} from '../codes/fields.ts';
import { optionalUser, user } from '../sessions/guards.ts';

export const requestVerification = operation({
  operationId: 'requestVerification',
  guard: user,
  method: 'post',
  path: '/auth/verification',
  tags: ['recovery'],
  summary: 'Request a verification',
  description:
    'Sends a message with a link (24 hours) and a code (15 minutes) to an address of the account. At most one message a minute and five an hour are sent.',
  body: json(
    z
      .object({ channel: channelField })
      .openapi('VerificationRequest', { description: 'The address to verify.' }),
    'The address to verify.',
  ),
  fails: ['already_verified', 'no_address', 'messages_off'],
  answers: { 202: MESSAGE_SENT },
});

export const confirmVerification = operation({
  operationId: 'confirmVerification',
  guard: optionalUser,
  method: 'post',
  path: '/auth/verification/confirm',
  tags: ['recovery'],
  summary: 'Verify an address',
  description:
    'Verifies the address that the message went to. The token of a link needs no login; a code needs that of its account.',
  body: json(
    z
      .object({
        token: linkTokenField.optional(),
        channel: channelField.optional(),
        code: codeField.optional(),
      })
      .refine(hasOne, ONE_REQUIRED)
      .refine(
        ({ channel, code }) => (channel === undefined) === (code === undefined),
        withCodeOnly('channel'),
      )
      .openapi('Verification', { description: 'A link or a code.' }),
    'Either `token`, or `channel` and `code`.',
  ),
  limit: { name: 'useCode', who: () => '' },
  fails: ['invalid_code'],
  answers: { 204: { description: 'The address is verified.' } },
});
