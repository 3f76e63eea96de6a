import { DEFAULT_ROUNDS, MAX_ROUNDS } from './bounds.ts';
import type { SettingName } from './schema.ts';

/**
 * What `.env.example` and `docs/settings.md` say of a setting instead of its `help`, in Markdown. Beside the list, so that
 * a Worker does not contain it.
 */
export const SETTING_NOTES: Readonly<Partial<Record<SettingName, string>>> = {
  PORT: 'TCP port. `0` selects a free port.',
  HOST: 'Address to listen on. `0.0.0.0` makes the server reachable from your network, for example from a phone. The demo user is then created only if `SEED_DEMO_USER` or `APP_ENV` is set.',
  DATABASE_URL:
    '`file:PATH`, `libsql://HOST`, `https://HOST` or `http://HOST`. Default: `file:./data/latchkey.db`; on Workers, the D1 binding `DB`.',
  DATABASE_INSECURE:
    'Production rejects a database on another machine without TLS (`http://`, `libsql://…?tls=0`). `on` allows it, for a private network.',
  SECRET_KEY:
    'Secret that signs tokens and encrypts keys. Generate one with `openssl rand -base64 48`. Production requires at least 32 random bytes and rejects examples, repetitions and sequences. If unset in development, a secret is generated and stored beside the database, readable by its owner only.',
  SECRET_KEY_FILE:
    'File that contains `SECRET_KEY`, such as `/run/secrets/secret_key`; replaces that setting. Not on Workers.',
  SECRET_KEY_PREVIOUS_FILE:
    'File that contains `SECRET_KEY_PREVIOUS`; replaces that setting. Not on Workers.',
  METRICS_TOKEN:
    'Bearer token of [`GET /metrics`](observability.md#metrics). Generate one with `openssl rand -base64 48`; as strong as `SECRET_KEY` in production, and another one. Without it, the path does not exist and nothing is measured.',
  METRICS_TOKEN_FILE: 'File that contains `METRICS_TOKEN`; replaces that setting. Not on Workers.',
  ALGORITHM:
    'Signature algorithm of access tokens: `HS256`, or `ES256` or `EdDSA` with a [key ring](keys.md) in the database (`latchkey keys --help`)',
  JWT_ISSUER: '`iss` claim of access tokens. Tokens with a different value are rejected.',
  JWT_AUDIENCE: '`aud` claim of access tokens. Tokens with a different value are rejected.',
  TRUSTED_PROXY_HOPS:
    'Number of your own proxies in front of the server, 0 to 10. The address of the client is the entry of `X-Forwarded-For` at this position from the right.',
  RATE_LIMIT_LOGIN:
    '`COUNT/WINDOW` (`s`, `m`, `h`) or `off`: logins per name and network, and password changes and re-authentications per account. Three times this limit applies to a name across all networks that are unknown to its account. An IPv6 /64 counts as one address; the surrounding /56 has four times the quota and the /48 sixteen times.',
  RATE_LIMIT_LOGIN_ADDRESS: 'Logins per address. Default: six times `RATE_LIMIT_LOGIN`.',
  RATE_LIMIT_DEFAULT: 'Requests of any kind per address. Each server counts separately.',
  MAX_IN_FLIGHT:
    'Maximum in-flight requests, 1 to 65535. Further requests are answered with 503. Not on Workers.',
  CORS_ORIGINS:
    'Comma-separated list of the exact origins that browsers may call from. `*` is rejected. In development, every port of `localhost`, `127.0.0.1` and `[::1]` is allowed as well.',
  SEED_DEMO_USER:
    'Create the demo user at start: `true` or `false`. Default: `true` in development, unless `HOST` is not a loopback address and `APP_ENV` is unset. Production rejects `true`. With `false`, logins with its public password are rejected.',
  DOCS: 'Serve `/docs` and `/openapi.json`. With `off`, both return 404.',
  ADMIN_EMAIL:
    'Email address whose account becomes an administrator when it is verified, [once per database](administration.md#the-first-administrator)',
  ADMIN_PHONE: 'The same by phone number. Only one of the two can be set.',
  DEFAULT_PHONE_REGION: 'Country of phone numbers without a country code (ISO 3166)',
  PASSWORD_ROUNDS: `Cost of a password hash in steps of 100,000 PBKDF2 iterations, 1 to ${MAX_ROUNDS}. Production requires at least ${DEFAULT_ROUNDS}.`,
  MIN_PASSWORD_LENGTH:
    'Minimum length of a new password in characters, 8 to 64. NIST SP 800-63B-4 [requires 15](security.md#passwords) if the password is the only factor.',
  HIBP: '`on`: check new passwords against Have I Been Pwned. Only the first five digits of a hash are sent. If there is no response within 1.5 seconds, the password is accepted.',
  HIBP_URL:
    'Range API of Have I Been Pwned, or your mirror. Must be `https://`, or `http://` on the same machine.',
  PROFILE_FIELDS:
    'JSON Schema of [own fields](profile.md#own-fields) of profiles, such as `{"type":"object","properties":{"city":{"type":"string","maxLength":80}}}`. Up to 20 fields.',
  PROFILE_FIELDS_FILE:
    'File that contains `PROFILE_FIELDS`; replaces that setting. Not on Workers.',
  AUDIT_RETENTION_DAYS: 'Days for which audit events of accounts are kept, 1 to 3650',
  LOG_LEVEL: 'Minimum level to log: `debug`, `info`, `warn`, `error` or `silent`',
  LOG_FORMAT:
    '`json`: one object per line. `pretty`: lines for people, coloured on a terminal unless `NO_COLOR` is set. `auto`: `pretty` in development on a terminal, otherwise `json`; on Workers `json`',
  APP_ENV:
    '`development` or `production`. If unset, `NODE_ENV` decides: `development` and `test` mean development, any other value production. If both are unset: development; on Workers, production.',
  MAIL: 'How mail is sent: `smtp://USER:PASSWORD@HOST:587` (STARTTLS), `smtps://USER:PASSWORD@HOST:465`, `resend:KEY`, `webhook:URL`, or `console` in development. SMTP is not available on Workers. See [messages](messages.md).',
  MAIL_FROM: 'Sender of mail, such as `Example <no-reply@example.com>`',
  SMS: 'How text messages are sent: `webhook:URL`, or `console` in development. See [messages](messages.md).',
  MESSAGE_WEBHOOK_SECRET:
    'Signs the requests of `webhook:URL` (Standard Webhooks). Generate one with `echo whsec_$(openssl rand -base64 32)`.',
  PUBLIC_URL:
    'URL under which users reach the API, for links in messages and for `avatar_url`: without it, the URLs of pictures begin with `http://` behind a proxy that terminates TLS. Default in development: the address of `HOST` and `PORT`. Production requires it with `MAIL` or `SMS`, unless `APP_LINKS` has all links.',
  APP_LINKS:
    'Pages of your app that links in messages lead to, as JSON: `{"reset": "https://app.example.com/reset#{token}"}`. Actions: `verify`, `reset`, `login`, `change`, `undo`.',
  SMS_COUNTRIES:
    'Comma-separated list of the countries (ISO 3166) to which text messages are sent. Default: `DEFAULT_PHONE_REGION`.',
  NOTICES:
    'Notices to the owner of an account: `on`, `off`, or a comma-separated list of `password_changed`, `new_login`, `refresh_reuse`, `lockout`. [Others](messages.md#notices) cannot be switched off.',
  RATE_LIMIT_MESSAGES:
    'Requested messages per network. An address and an account get at most one message a minute and five an hour besides.',
  SIGNUP_MODE:
    '`open`; `hidden`: a sign-up answers 202 whether or not the address is taken, and the rest is in a message to it. Needs `REQUIRE_VERIFIED=login` as well: otherwise a login with the new password tells. `closed`: 403',
  REQUIRE_VERIFIED:
    '`login`: accounts without a verified address cannot log in. A correct password then sends them the verification.',
  PAGES:
    'Serve the pages at `/account`, where users log in, recover and manage their accounts. Production needs `PUBLIC_URL` for them. With `off`, messages need `APP_LINKS` with every action.',
  BRAND_LOGO: '`https://` URL of a logo, shown 32 pixels high on the account pages',
  BRAND_COLOR:
    'Color of buttons on the account pages. Their text is black or white, whichever has more contrast.',
  BRAND_TERMS: '`https://` URL of the terms of service, linked from the account pages',
  AVATARS:
    'Where avatars are stored: `folder:PATH`, `s3:https://HOST/BUCKET` (Amazon S3, R2 or a compatible server; `?region=REGION` if its host does not tell), or `off`. Default: the folder `avatars` beside the database file, or in the working directory if the database is a server; on Workers the R2 binding `AVATARS` if there is one, otherwise `off`.',
  S3_ACCESS_KEY_ID:
    'Access key of the bucket, required by `s3:`. It needs to put, get and delete objects, and to list the bucket: otherwise S3 reports a missing object as forbidden.',
  S3_SECRET_ACCESS_KEY: 'Secret access key of the bucket, required by `s3:`',
  BRAND_PRIVACY: '`https://` URL of the privacy policy, linked from the account pages',
};
