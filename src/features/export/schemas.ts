import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { eventSchema } from '../activity/contract.ts';
import { emailField, phoneField } from '../users/fields.ts';
import { profileSchema } from '../users/profile-schema.ts';

const time = (description: string) =>
  timeField.openapi({ description: `${description} (RFC 3339, UTC).` });
const timeOrNull = (description: string) =>
  timeField.nullable().openapi({ description: `${description} (RFC 3339, UTC); null if never.` });
const countField = z.number().int().nonnegative();
const channelField = z
  .enum(['email', 'phone'])
  .openapi({ description: 'Kind of the address.', example: 'email' });
const networkField = z.string().openapi({
  description: 'An IPv4 address, or the /64 of an IPv6 address.',
  example: '203.0.113.7',
});
const addressField = z
  .string()
  .nullable()
  .openapi({ description: 'IP address.', example: '203.0.113.7' });
const userAgentField = z
  .string()
  .nullable()
  .openapi({ description: 'User-Agent.', example: 'curl/8.5.0' });

const failuresSchema = z
  .object({
    count: countField.openapi({ description: 'Number of failures in a row.', example: 0 }),
    since: timeOrNull('Time of the first one'),
    locked_until: timeOrNull('Time until which the account accepts no further ones'),
  })
  .openapi('ExportedFailures', { description: 'Consecutive failures of one kind.' });

const roleSchema = z
  .object({
    role: z.string().openapi({ description: 'The role.', example: 'support' }),
    granted_at: time('Time at which the account got it'),
  })
  .openapi('ExportedRole', { description: 'A role of the account.' });

const accountSchema = z
  .object({
    email_normalized: emailField
      .nullable()
      .openapi({ description: 'The form of the email address that is unique.' }),
    email_verified_at: timeOrNull('Time at which the email address was verified'),
    phone_normalized: phoneField.nullable().openapi({
      description: 'The form of the phone number that is unique (E.164).',
      example: '+917760873976',
    }),
    phone_verified_at: timeOrNull('Time at which the phone number was verified'),
    has_password: z
      .boolean()
      .openapi({ description: 'Whether the account has a password.', example: true }),
    language: z
      .string()
      .nullable()
      .openapi({ description: 'Language of notices; null for English.', example: 'hi' }),
    stored_fields: z.record(z.string(), z.unknown()).openapi({
      description:
        'All stored values of own fields, also those that the profile does not show: the server does not declare their fields any more, or declares them differently.',
    }),
    roles: z.array(roleSchema).openapi({ description: 'The roles of the account.' }),
    version: countField.openapi({ description: 'Version of the profile.', example: 3 }),
    logins_from_unknown_networks: failuresSchema,
    logins_from_known_networks: failuresSchema,
    password_changes: failuresSchema,
    codes: failuresSchema,
    session_codes: failuresSchema,
  })
  .openapi('ExportedAccount', { description: 'What is stored about the account itself.' });

const avatarSchema = z
  .object({
    url: z.string().openapi({
      format: 'uri',
      description: 'Where it is.',
      example: 'https://api.example.com/avatars/Zk3vQ0hT4mW8rB1xYc6NJA',
    }),
    size: countField.openapi({ description: 'Length of the file in bytes.', example: 48_213 }),
    created_at: time('Time of the upload'),
    data: z.string().nullable().openapi({
      description:
        'The file in base64 (RFC 4648 section 4). Null if it cannot be read here: get it by its URL.',
      example: 'iVBORw0KGgoAAAANSUhEUgAA',
    }),
  })
  .openapi('ExportedAvatar', { description: 'The picture of the account.' });

const sessionSchema = z
  .object({
    id: z.string().openapi({ description: 'Session id.', example: 'x3JkzI6Qb3mCz0mYk2v9bA' }),
    created_at: time('Time of the login'),
    last_used_at: time('Time of the last use'),
    expires_at: time('Time at which the session expires'),
    authenticated_at: time('Time of the last authentication'),
    refreshed_at: time('Time of the last refresh'),
    refreshes: countField.openapi({ description: 'Number of refreshes.', example: 2 }),
    method: z.string().openapi({ description: 'Login method.', example: 'password' }),
    user_agent: userAgentField,
    address: addressField,
    last_network: networkField.nullable(),
  })
  .openapi('ExportedSession', { description: 'A session.' });

const deviceSchema = z
  .object({
    id: z.string().openapi({ description: 'Device id.', example: 'x3JkzI6Qb3mCz0mYk2v9bA' }),
    created_at: time('Time of the first login'),
    last_used_at: time('Time of the last login'),
    expires_at: time('Time at which the device is forgotten'),
    user_agent: userAgentField,
    address: addressField,
    failures: countField.openapi({ description: 'Wrong passwords in a row.', example: 0 }),
  })
  .openapi('ExportedDevice', { description: 'A device that the account has logged in on.' });

const networkSchema = z
  .object({
    network: networkField,
    last_seen_at: time('Time of the last use'),
    last_login_at: timeOrNull('Time of the last login'),
  })
  .openapi('ExportedNetwork', { description: 'A network that the account is used from.' });

const reservedAddressSchema = z
  .object({
    channel: channelField,
    address: z
      .string()
      .openapi({ description: 'The address, as entered.', example: 'ada@example.com' }),
    normalized: z
      .string()
      .openapi({ description: 'The form that is unique.', example: 'ada@example.com' }),
    verified_at: time('Time at which it was verified'),
    reserved_until: time('Time until which its replacement can be undone'),
  })
  .openapi('ReservedAddress', { description: 'A replaced address that can be restored.' });

const codeSchema = z
  .object({
    purpose: z.string().openapi({ description: 'What it is for.', example: 'verify' }),
    kind: z
      .enum(['link', 'code'])
      .openapi({ description: 'Whether it is a link or a code.', example: 'code' }),
    channel: channelField,
    address: z
      .string()
      .openapi({ description: 'The address that it concerns.', example: 'ada@example.com' }),
    tries: countField.openapi({ description: 'Wrong tries.', example: 0 }),
    created_at: time('Time of the request'),
    expires_at: time('Time at which it expires'),
  })
  .openapi('PendingCode', { description: 'A link or a code that was not used yet.' });

const messageSchema = z
  .object({
    kind: z.string().openapi({ description: 'What it is about.', example: 'verify' }),
    channel: channelField,
    state: z.enum(['waiting', 'sent', 'rejected', 'dead', 'decoy']).openapi({
      description: 'What became of it.',
      example: 'sent',
    }),
    attempts: countField.openapi({ description: 'Attempts to send it.', example: 1 }),
    created_at: time('Time of the request'),
    expires_at: time('Time after which it is not sent'),
  })
  .openapi('ExportedMessage', { description: 'A message to the account, without its content.' });

const noticeSchema = z
  .object({
    kind: z.string().openapi({ description: 'What it is about.', example: 'new_login' }),
    sent_at: time('Time of the last one'),
  })
  .openapi('ExportedNotice', { description: 'The last notice of a kind.' });

const loginFailuresSchema = z
  .object({
    network: networkField.openapi({
      description: 'An IPv4 address or the /64 of an IPv6 address; empty if unknown.',
    }),
    failures: countField.openapi({ description: 'Wrong passwords in a row.', example: 3 }),
    failing_since: time('Time of the first one'),
    locked_until: timeOrNull('Time until which the network is locked out'),
  })
  .openapi('LoginFailures', { description: 'Wrong passwords from one network.' });

const importSchema = z
  .object({
    source: z
      .string()
      .openapi({ description: 'The system that the account comes from.', example: 'pms' }),
    source_id: z.string().openapi({
      description:
        'Its id there, or `sha256:` and a hash of an id that is long or may be an address.',
      example: '2',
    }),
    imported_at: time('Time of the import'),
  })
  .openapi('ExportedImport', { description: 'Where an imported account comes from.' });

/** Everything that is stored about an account, except secrets. */
export const exportSchema = z
  .object({
    exported_at: time('Time of the export'),
    profile: profileSchema,
    account: accountSchema,
    avatar: avatarSchema
      .nullable()
      .openapi({ description: 'Your picture; null if there is none.' }),
    sessions: z.array(sessionSchema).openapi({ description: 'Your sessions.' }),
    devices: z.array(deviceSchema).openapi({ description: 'Your devices.' }),
    known_networks: z.array(networkSchema).openapi({ description: 'Your networks.' }),
    reserved_addresses: z
      .array(reservedAddressSchema)
      .openapi({ description: 'Replaced addresses that can be restored.' }),
    pending_codes: z
      .array(codeSchema)
      .openapi({ description: 'Links and codes that were not used yet.' }),
    messages: z.array(messageSchema).openapi({ description: 'Messages of the last days.' }),
    notices: z.array(noticeSchema).openapi({ description: 'The last notice of each kind.' }),
    login_failures: z
      .array(loginFailuresSchema)
      .openapi({ description: 'Wrong passwords, by network.' }),
    imports: z
      .array(importSchema)
      .openapi({ description: 'Where the account was imported from; empty if it was not.' }),
    events: z.array(eventSchema).openapi({ description: 'All events, oldest first.' }),
  })
  .openapi('AccountExport', {
    description: 'Everything that is stored about the account, except secrets.',
  });

export type AccountExport = z.infer<typeof exportSchema>;
