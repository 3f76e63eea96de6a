import { isSupportedCountry } from 'libphonenumber-js/min';
import { z } from 'zod';
import { LOG_LEVELS } from '../core/log.ts';
import { DEFAULT_ROUNDS, MAX_ROUNDS, PUBLIC_RANGE_URL, TOKEN_ALGORITHMS } from './bounds.ts';
import { MESSAGE_SETTINGS } from './message-settings.ts';
import { PAGE_SETTINGS } from './page-settings.ts';
import { DATABASE_COMMANDS, type Setting } from './setting.ts';
import {
  flag,
  onOrOff,
  origins,
  rangeUrl,
  rateLimit,
  tokenName,
  wholeNumber,
} from './setting-kinds.ts';

/** 30 days. */
export const MAX_ACCESS_TOKEN_MINUTES = 43_200;

/**
 * The formats of log lines. `pretty` is for people. `auto` means `pretty` in development on a terminal, and otherwise
 * `json`.
 */
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

/** Every setting. `npm run settings:generate` writes `.env.example` and `docs/settings.md` from this list. */
export const SETTINGS = {
  PORT: {
    section: 'Server',
    alsoReadBy: ['users'],
    kind: wholeNumber(0, 65_535),
    default: '8000',
    help: 'TCP port; 0 selects a free port',
  },
  HOST: {
    alsoReadBy: ['users'],
    kind: z.string().max(253),
    default: '127.0.0.1',
    help: 'Address to listen on; 0.0.0.0 for all interfaces',
  },
  DATABASE_URL: {
    section: 'Database',
    alsoReadBy: DATABASE_COMMANDS,
    kind: z
      .string()
      .max(2048)
      .regex(
        /^(file:|libsql:\/\/|https?:\/\/)./,
        'must start with file:, libsql://, https:// or http://',
      ),
    otherwise: 'file:./data/latchkey.db; Workers: D1',
    help: 'file:PATH, libsql://HOST or http(s)://HOST',
  },
  DATABASE_AUTH_TOKEN: {
    alsoReadBy: DATABASE_COMMANDS,
    kind: z.string().max(8192),
    help: 'Auth token for a libSQL server or Turso',
  },
  DATABASE_INSECURE: {
    alsoReadBy: DATABASE_COMMANDS,
    kind: onOrOff,
    default: 'off',
    help: 'on: allow a remote database without TLS in production',
  },
  SECRET_KEY: {
    section: 'Secrets and tokens',
    alsoReadBy: ['keys', 'users'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
    otherwise: 'production: required',
    help: 'Secret that signs tokens and encrypts keys, at least 32 random bytes',
  },
  SECRET_KEY_FILE: {
    alsoReadBy: ['keys', 'users'],
    kind: z.string(),
    otherwise: 'none',
    help: 'File that contains SECRET_KEY; not on Workers',
  },
  SECRET_KEY_PREVIOUS: {
    alsoReadBy: ['keys', 'users'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
    otherwise: 'none',
    help: 'Previous secret; its tokens remain valid while it is set',
  },
  SECRET_KEY_PREVIOUS_FILE: {
    alsoReadBy: ['keys', 'users'],
    kind: z.string(),
    otherwise: 'none',
    help: 'File that contains SECRET_KEY_PREVIOUS; not on Workers',
  },
  ALGORITHM: {
    alsoReadBy: ['keys'],
    kind: z.enum(TOKEN_ALGORITHMS, `must be one of ${TOKEN_ALGORITHMS.join(', ')}`),
    default: 'HS256',
    help: 'Signature algorithm of access tokens: HS256, or ES256 or EdDSA with a key ring',
  },
  JWT_ISSUER: {
    kind: tokenName,
    default: 'latchkey',
    help: 'iss claim of access tokens',
  },
  JWT_AUDIENCE: {
    kind: tokenName,
    default: 'latchkey',
    help: 'aud claim of access tokens',
  },
  ACCESS_TOKEN_EXPIRE_MINUTES: {
    kind: wholeNumber(1, MAX_ACCESS_TOKEN_MINUTES),
    default: '60',
    help: `Lifetime of an access token in minutes, 1 to ${MAX_ACCESS_TOKEN_MINUTES}`,
  },
  SESSION_IDLE_DAYS: {
    section: 'Sessions',
    kind: wholeNumber(1, 365),
    default: '14',
    help: 'Days without use after which a session expires, 1 to 365',
  },
  SESSION_ABSOLUTE_DAYS: {
    kind: wholeNumber(1, 365),
    default: '30',
    help: 'Days after which a session expires regardless of use, 1 to 365',
  },
  SESSION_MAX_PER_USER: {
    kind: wholeNumber(1, 1000),
    default: '50',
    help: 'Maximum sessions per user, 1 to 1000; a further login revokes the oldest',
  },
  REFRESH_GRACE_SECONDS: {
    kind: wholeNumber(0, 60),
    default: '10',
    help: 'Seconds for which the previous refresh token is still accepted, 0 to 60',
  },
  ADMIN_EMAIL: {
    section: 'Administration',
    kind: z.string().max(254, 'must be at most 254 characters'),
    otherwise: 'none',
    help: 'Email address whose account becomes the first administrator once it is verified',
  },
  ADMIN_PHONE: {
    kind: z.string().max(32, 'must be at most 32 characters'),
    otherwise: 'none',
    help: 'The same by phone number; ADMIN_EMAIL must be unset',
  },
  TRUSTED_PROXY_HOPS: {
    section: 'Proxies and limits',
    kind: wholeNumber(0, 10),
    default: '0',
    help: 'Number of trusted proxies that append to X-Forwarded-For, 0 to 10',
  },
  RATE_LIMIT_LOGIN: {
    kind: rateLimit,
    default: '10/60s',
    help: 'Logins per name and network: COUNT/WINDOW or off',
  },
  RATE_LIMIT_LOGIN_ADDRESS: {
    kind: rateLimit,
    otherwise: 'six times RATE_LIMIT_LOGIN',
    help: 'Logins per address',
  },
  RATE_LIMIT_SIGNUP: {
    kind: rateLimit,
    default: '30/1h',
    help: 'Sign-ups per address',
  },
  RATE_LIMIT_REFRESH: {
    kind: rateLimit,
    default: '60/60s',
    help: 'Token refreshes per session',
  },
  RATE_LIMIT_DEFAULT: {
    kind: rateLimit,
    default: '600/60s',
    help: 'Requests of any kind per address and server',
  },
  MAX_IN_FLIGHT: {
    kind: wholeNumber(1, 65_535),
    default: '512',
    help: 'Maximum in-flight requests, 1 to 65535; not on Workers',
  },
  CORS_ORIGINS: {
    section: 'Clients',
    kind: origins,
    otherwise: 'none; development: any port of this machine',
    help: 'Comma-separated list of the exact origins of web clients',
  },
  SEED_DEMO_USER: {
    kind: flag,
    otherwise: 'development: true, on a network only if APP_ENV is set',
    help: 'Create the demo user at start',
  },
  DOCS: {
    kind: onOrOff,
    default: 'on',
    help: 'Serve /docs and /openapi.json: on or off',
  },
  DEFAULT_PHONE_REGION: {
    alsoReadBy: ['users'],
    kind: z
      .string()
      .refine(isSupportedCountry, 'must be an ISO 3166 country code in upper case, such as IN'),
    default: 'IN',
    help: 'Country of phone numbers without a country code',
  },
  PASSWORD_ROUNDS: {
    section: 'Passwords',
    kind: wholeNumber(1, MAX_ROUNDS),
    default: `${DEFAULT_ROUNDS}`,
    help: `Cost of a password hash in steps of 100,000 iterations, 1 to ${MAX_ROUNDS}`,
  },
  MIN_PASSWORD_LENGTH: {
    kind: wholeNumber(8, 64),
    default: '8',
    help: 'Minimum length of a new password in characters, 8 to 64',
  },
  HIBP: {
    kind: onOrOff,
    default: 'off',
    help: 'Check new passwords against Have I Been Pwned: on or off',
  },
  HIBP_URL: {
    kind: rangeUrl,
    default: PUBLIC_RANGE_URL,
    help: 'Range API of Have I Been Pwned, or a mirror',
  },
  ...MESSAGE_SETTINGS,
  ...PAGE_SETTINGS,
  AUDIT_RETENTION_DAYS: {
    section: 'Records and logs',
    kind: wholeNumber(1, 3650),
    default: '180',
    help: 'Days for which audit events are kept, 1 to 3650',
  },
  LOG_LEVEL: {
    kind: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
    default: 'info',
    help: `Minimum level to log: ${LOG_LEVELS.join(', ')}`,
  },
  LOG_FORMAT: {
    kind: z.enum(LOG_FORMATS, `must be one of ${LOG_FORMATS.join(', ')}`),
    default: 'auto',
    help: 'auto (pretty in development on a terminal, else json), pretty, json',
  },
  APP_ENV: {
    section: 'Environment',
    alsoReadBy: [...DATABASE_COMMANDS, 'messages'],
    kind: z.enum(['development', 'production'], 'must be development or production'),
    otherwise: 'derived from NODE_ENV; Workers: production',
    help: 'Environment: development or production',
  },
} satisfies Readonly<Record<string, Setting>>;
