import { text } from '../../core/http/fields.ts';

/** Longer than any token, and than the push tokens that apps send under the same name. */
const MAX_TOKEN_LENGTH = 512;

const EXAMPLE = 'bm90IGEgcmVhbCB0b2tlbiwganVzdCBhbiBleGFtcGxlIQ';

/** The member of every login by which a client is recognized. */
export const deviceTokenField = text({ max: MAX_TOKEN_LENGTH }).openapi({
  description:
    'The `device_token` of the last login of this user on this device. An unknown or expired one has no effect.',
  example: EXAMPLE,
  maxLength: MAX_TOKEN_LENGTH,
});

export const newDeviceTokenField = text({ max: MAX_TOKEN_LENGTH }).openapi({
  description:
    'Recognizes this device at the next login, for 90 days: strangers who enter wrong passwords cannot lock it out. Store it with the refresh token, and keep it after a logout.',
  example: EXAMPLE,
});
