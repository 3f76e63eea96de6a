import { LOG_LEVELS } from '../core/log.ts';
import { MAX_ROUNDS } from './bounds.ts';
import type { SettingName } from './schema.ts';
import { MAX_ACCESS_TOKEN_MINUTES } from './settings.ts';

/** What documents and `--help` say of a setting. */
export interface SettingHelp {
  /** Starts a section of `.env.example` and `docs/settings.md`. */
  readonly section?: string;
  /** Describes a default that depends on the host or on another setting. */
  readonly otherwise?: string;
  /** One line of `--help`. `setting-notes.ts` has a longer text for the documents, where one is needed. */
  readonly help: string;
}

/** Beside the list of settings, so that a Worker does not contain it. */
export const SETTING_HELP: Readonly<Record<SettingName, SettingHelp>> = {
  PORT: { section: 'Server', help: 'TCP port; 0 selects a free port' },
  HOST: { help: 'Address to listen on; 0.0.0.0 for all interfaces' },
  DATABASE_URL: {
    section: 'Database',
    otherwise: 'file:./data/latchkey.db; Workers: D1',
    help: 'file:PATH, libsql://HOST or http(s)://HOST',
  },
  DATABASE_AUTH_TOKEN: { help: 'Auth token for a libSQL server or Turso' },
  DATABASE_INSECURE: { help: 'on: allow a remote database without TLS in production' },
  SECRET_KEY: {
    section: 'Secrets and tokens',
    otherwise: 'production: required',
    help: 'Secret that signs tokens and encrypts keys, at least 32 random bytes',
  },
  SECRET_KEY_FILE: { otherwise: 'none', help: 'File that contains SECRET_KEY; not on Workers' },
  SECRET_KEY_PREVIOUS: {
    otherwise: 'none',
    help: 'Previous secret; its tokens remain valid while it is set',
  },
  SECRET_KEY_PREVIOUS_FILE: {
    otherwise: 'none',
    help: 'File that contains SECRET_KEY_PREVIOUS; not on Workers',
  },
  ALGORITHM: {
    help: 'Signature algorithm of access tokens: HS256, or ES256 or EdDSA with a key ring',
  },
  JWT_ISSUER: { help: 'iss claim of access tokens' },
  JWT_AUDIENCE: { help: 'aud claim of access tokens' },
  ACCESS_TOKEN_EXPIRE_MINUTES: {
    help: `Lifetime of an access token in minutes, 1 to ${MAX_ACCESS_TOKEN_MINUTES}`,
  },
  SESSION_IDLE_DAYS: {
    section: 'Sessions',
    help: 'Days without use after which a session expires, 1 to 365',
  },
  SESSION_ABSOLUTE_DAYS: { help: 'Days after which a session expires regardless of use, 1 to 365' },
  SESSION_MAX_PER_USER: {
    help: 'Maximum sessions per user, 1 to 1000; a further login revokes the oldest',
  },
  REFRESH_GRACE_SECONDS: {
    help: 'Seconds for which the previous refresh token is still accepted, 0 to 60',
  },
  ADMIN_EMAIL: {
    section: 'Administration',
    otherwise: 'none',
    help: 'Email address whose account becomes the first administrator once it is verified',
  },
  ADMIN_PHONE: { otherwise: 'none', help: 'The same by phone number; ADMIN_EMAIL must be unset' },
  TRUSTED_PROXY_HOPS: {
    section: 'Proxies and limits',
    help: 'Number of trusted proxies that append to X-Forwarded-For, 0 to 10',
  },
  RATE_LIMIT_LOGIN: { help: 'Logins per name and network: COUNT/WINDOW or off' },
  RATE_LIMIT_LOGIN_ADDRESS: { otherwise: 'six times RATE_LIMIT_LOGIN', help: 'Logins per address' },
  RATE_LIMIT_SIGNUP: { help: 'Sign-ups per address' },
  RATE_LIMIT_REFRESH: { help: 'Token refreshes per session' },
  RATE_LIMIT_DEFAULT: { help: 'Requests of any kind per address and server' },
  MAX_IN_FLIGHT: { help: 'Maximum in-flight requests, 1 to 65535; not on Workers' },
  CORS_ORIGINS: {
    section: 'Clients',
    otherwise: 'none; development: any port of this machine',
    help: 'Comma-separated list of the exact origins of web clients',
  },
  SEED_DEMO_USER: {
    otherwise: 'development: true, on a network only if APP_ENV is set',
    help: 'Create the demo user at start',
  },
  DOCS: { help: 'Serve /docs and /openapi.json: on or off' },
  DEFAULT_PHONE_REGION: { help: 'Country of phone numbers without a country code' },
  PASSWORD_ROUNDS: {
    section: 'Passwords',
    help: `Cost of a password hash in steps of 100,000 iterations, 1 to ${MAX_ROUNDS}`,
  },
  MIN_PASSWORD_LENGTH: { help: 'Minimum length of a new password in characters, 8 to 64' },
  HIBP: { help: 'Check new passwords against Have I Been Pwned: on or off' },
  HIBP_URL: { help: 'Range API of Have I Been Pwned, or a mirror' },
  PROFILE_FIELDS: {
    section: 'Profiles',
    otherwise: 'none',
    help: 'JSON Schema of up to 20 own fields of profiles',
  },
  PROFILE_FIELDS_FILE: { otherwise: 'none', help: 'File that contains PROFILE_FIELDS' },
  METRICS_TOKEN: {
    section: 'Metrics, records and logs',
    otherwise: 'none: GET /metrics does not exist',
    help: 'Bearer token of GET /metrics, at least 32 random bytes',
  },
  METRICS_TOKEN_FILE: {
    otherwise: 'none',
    help: 'File that contains METRICS_TOKEN; not on Workers',
  },
  AUDIT_RETENTION_DAYS: {
    help: 'Days for which audit events are kept, 1 to 3650',
  },
  LOG_LEVEL: { help: `Minimum level to log: ${LOG_LEVELS.join(', ')}` },
  LOG_FORMAT: { help: 'auto (pretty in development on a terminal, else json), pretty, json' },
  APP_ENV: {
    section: 'Environment',
    otherwise: 'derived from NODE_ENV; Workers: production',
    help: 'Environment: development or production',
  },
  MAIL: {
    section: 'Messages',
    otherwise: 'development: console; production: none',
    help: 'console, smtp(s)://…, resend:KEY or webhook:URL',
  },
  MAIL_FROM: {
    otherwise: 'required by every MAIL but console',
    help: 'Sender of mail: Name <address>',
  },
  SMS: { otherwise: 'development: console; production: none', help: 'console or webhook:URL' },
  MESSAGE_WEBHOOK_SECRET: {
    otherwise: 'required by webhook:URL',
    help: 'Signs webhooks: whsec_ and 24 to 64 bytes in base64',
  },
  PUBLIC_URL: {
    otherwise: 'development: the address of the server',
    help: 'URL under which users reach the API, for links and pictures',
  },
  APP_LINKS: {
    otherwise: 'pages of the API itself',
    help: 'JSON of the pages of your app that links in messages lead to',
  },
  SMS_COUNTRIES: {
    otherwise: 'DEFAULT_PHONE_REGION',
    help: 'Countries to which text messages are sent',
  },
  SMS_DAILY_LIMIT: { help: 'Maximum number of text messages in 24 hours' },
  NOTICES: { help: 'on, off, or a list of password_changed,new_login,refresh_reuse,lockout' },
  RATE_LIMIT_MESSAGES: { help: 'Requested messages per network' },
  SIGNUP_MODE: {
    section: 'Sign-up and verification',
    help: 'open; hidden: does not tell which addresses are taken; closed',
  },
  REQUIRE_VERIFIED: { help: 'login: accounts without a verified address cannot log in' },
  PAGES: { section: 'Pages', help: 'Serve the account pages at /account: on or off' },
  BRAND_NAME: { help: 'Name of the service, on the account pages' },
  BRAND_LOGO: { otherwise: 'none', help: 'https:// URL of a logo for the account pages' },
  BRAND_COLOR: { help: 'Color of buttons on the account pages: #RRGGBB' },
  BRAND_TERMS: { otherwise: 'none', help: 'https:// URL of the terms of service' },
  BRAND_PRIVACY: { otherwise: 'none', help: 'https:// URL of the privacy policy' },
  AVATARS: {
    section: 'Avatars',
    otherwise: 'a folder beside the database; Workers: R2 binding, or off',
    help: 'off, folder:PATH or s3:https://HOST/BUCKET?region=REGION',
  },
  S3_ACCESS_KEY_ID: { otherwise: 'required by s3:', help: 'Access key of the bucket' },
  S3_SECRET_ACCESS_KEY: { otherwise: 'required by s3:', help: 'Secret access key of the bucket' },
  RATE_LIMIT_AVATAR: { help: 'New avatars per user' },
};
