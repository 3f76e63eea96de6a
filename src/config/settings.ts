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
    kind: wholeNumber(0, 65_535),
    default: '8000',
    help: 'TCP port; 0 selects a free port',
    note: 'TCP port. `0` selects a free port.',
  },
  HOST: {
    kind: z.string().max(253),
    default: '127.0.0.1',
    help: 'Address to listen on; 0.0.0.0 for all interfaces',
    note: 'Address to listen on. `0.0.0.0` makes the server reachable from your network, for example from a phone. The demo user is then created only if `SEED_DEMO_USER` or `APP_ENV` is set.',
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
    note: '`file:PATH`, `libsql://HOST`, `https://HOST` or `http://HOST`. Default: `file:./data/latchkey.db`; on Workers, the D1 binding `DB`.',
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
    note: 'Production rejects a database on another machine without TLS (`http://`, `libsql://…?tls=0`). `on` allows it, for a private network.',
  },
  SECRET_KEY: {
    section: 'Secrets and tokens',
    alsoReadBy: ['keys'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
    otherwise: 'production: required',
    help: 'Secret that signs tokens and encrypts keys, at least 32 random bytes',
    note: 'Secret that signs tokens and encrypts keys. Generate one with `openssl rand -base64 48`. Production requires at least 32 random bytes and rejects examples, repetitions and sequences. If unset in development, a secret is generated and stored beside the database, readable by its owner only.',
  },
  SECRET_KEY_FILE: {
    alsoReadBy: ['keys'],
    kind: z.string(),
    otherwise: 'none',
    help: 'File that contains SECRET_KEY; not on Workers',
    note: 'File that contains `SECRET_KEY`, such as `/run/secrets/secret_key`; replaces that setting. Not on Workers.',
  },
  SECRET_KEY_PREVIOUS: {
    alsoReadBy: ['keys'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
    otherwise: 'none',
    help: 'Previous secret; its tokens remain valid while it is set',
  },
  SECRET_KEY_PREVIOUS_FILE: {
    alsoReadBy: ['keys'],
    kind: z.string(),
    otherwise: 'none',
    help: 'File that contains SECRET_KEY_PREVIOUS; not on Workers',
    note: 'File that contains `SECRET_KEY_PREVIOUS`; replaces that setting. Not on Workers.',
  },
  ALGORITHM: {
    alsoReadBy: ['keys'],
    kind: z.enum(TOKEN_ALGORITHMS, `must be one of ${TOKEN_ALGORITHMS.join(', ')}`),
    default: 'HS256',
    help: 'Signature algorithm of access tokens: HS256, or ES256 or EdDSA with a key ring',
    note: 'Signature algorithm of access tokens: `HS256`, or `ES256` or `EdDSA` with a [key ring](keys.md) in the database (`latchkey keys --help`)',
  },
  JWT_ISSUER: {
    kind: tokenName,
    default: 'latchkey',
    help: 'iss claim of access tokens',
    note: '`iss` claim of access tokens. Tokens with a different value are rejected.',
  },
  JWT_AUDIENCE: {
    kind: tokenName,
    default: 'latchkey',
    help: 'aud claim of access tokens',
    note: '`aud` claim of access tokens. Tokens with a different value are rejected.',
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
  TRUSTED_PROXY_HOPS: {
    section: 'Proxies and limits',
    kind: wholeNumber(0, 10),
    default: '0',
    help: 'Number of trusted proxies that append to X-Forwarded-For, 0 to 10',
    note: 'Number of your own proxies in front of the server, 0 to 10. The address of the client is the entry of `X-Forwarded-For` at this position from the right.',
  },
  RATE_LIMIT_LOGIN: {
    kind: rateLimit,
    default: '10/60s',
    help: 'Logins per name and network: COUNT/WINDOW or off',
    note: '`COUNT/WINDOW` (`s`, `m`, `h`) or `off`: logins per name and network, and password changes and re-authentications per account. Three times this limit applies to a name across all networks that are unknown to its account. An IPv6 /64 counts as one address; the surrounding /56 has four times the quota and the /48 sixteen times.',
  },
  RATE_LIMIT_LOGIN_ADDRESS: {
    kind: rateLimit,
    otherwise: 'six times RATE_LIMIT_LOGIN',
    help: 'Logins per address',
    note: 'Logins per address. Default: six times `RATE_LIMIT_LOGIN`.',
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
    note: 'Requests of any kind per address. Each server counts separately.',
  },
  MAX_IN_FLIGHT: {
    kind: wholeNumber(1, 65_535),
    default: '512',
    help: 'Maximum in-flight requests, 1 to 65535; not on Workers',
    note: 'Maximum in-flight requests, 1 to 65535. Further requests are answered with 503. Not on Workers.',
  },
  CORS_ORIGINS: {
    section: 'Clients',
    kind: origins,
    otherwise: 'none; development: any port of this machine',
    help: 'Comma-separated list of the exact origins of web clients',
    note: 'Comma-separated list of the exact origins that browsers may call from. `*` is rejected. In development, every port of `localhost`, `127.0.0.1` and `[::1]` is allowed as well.',
  },
  SEED_DEMO_USER: {
    kind: flag,
    otherwise: 'development: true, on a network only if APP_ENV is set',
    help: 'Create the demo user at start',
    note: 'Create the demo user at start: `true` or `false`. Default: `true` in development, unless `HOST` is not a loopback address and `APP_ENV` is unset. Production rejects `true`. With `false`, logins with its public password are rejected.',
  },
  DOCS: {
    kind: onOrOff,
    default: 'on',
    help: 'Serve /docs and /openapi.json: on or off',
    note: 'Serve `/docs` and `/openapi.json`. With `off`, both return 404.',
  },
  DEFAULT_PHONE_REGION: {
    kind: z
      .string()
      .refine(isSupportedCountry, 'must be an ISO 3166 country code in upper case, such as IN'),
    default: 'IN',
    help: 'Country of phone numbers without a country code',
    note: 'Country of phone numbers without a country code (ISO 3166)',
  },
  PASSWORD_ROUNDS: {
    section: 'Passwords',
    kind: wholeNumber(1, MAX_ROUNDS),
    default: `${DEFAULT_ROUNDS}`,
    help: `Cost of a password hash in steps of 100,000 iterations, 1 to ${MAX_ROUNDS}`,
    note: `Cost of a password hash in steps of 100,000 PBKDF2 iterations, 1 to ${MAX_ROUNDS}. Production requires at least ${DEFAULT_ROUNDS}.`,
  },
  MIN_PASSWORD_LENGTH: {
    kind: wholeNumber(8, 64),
    default: '8',
    help: 'Minimum length of a new password in characters, 8 to 64',
    note: 'Minimum length of a new password in characters, 8 to 64. NIST SP 800-63B-4 [requires 15](security.md#passwords) if the password is the only factor.',
  },
  HIBP: {
    kind: onOrOff,
    default: 'off',
    help: 'Check new passwords against Have I Been Pwned: on or off',
    note: '`on`: check new passwords against Have I Been Pwned. Only the first five digits of a hash are sent. If there is no response within 1.5 seconds, the password is accepted.',
  },
  HIBP_URL: {
    kind: rangeUrl,
    default: PUBLIC_RANGE_URL,
    help: 'Range API of Have I Been Pwned, or a mirror',
    note: 'Range API of Have I Been Pwned, or your mirror. Must be `https://`, or `http://` on the same machine.',
  },
  ...MESSAGE_SETTINGS,
  ...PAGE_SETTINGS,
  AUDIT_RETENTION_DAYS: {
    section: 'Records and logs',
    kind: wholeNumber(1, 3650),
    default: '180',
    help: 'Days for which audit events are kept, 1 to 3650',
    note: 'Days for which audit events of accounts are kept, 1 to 3650',
  },
  LOG_LEVEL: {
    kind: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
    default: 'info',
    help: `Minimum level to log: ${LOG_LEVELS.join(', ')}`,
    note: 'Minimum level to log: `debug`, `info`, `warn`, `error` or `silent`',
  },
  LOG_FORMAT: {
    kind: z.enum(LOG_FORMATS, `must be one of ${LOG_FORMATS.join(', ')}`),
    default: 'auto',
    help: 'auto (pretty in development on a terminal, else json), pretty, json',
    note: '`json`: one object per line. `pretty`: lines for people, coloured on a terminal unless `NO_COLOR` is set. `auto`: `pretty` in development on a terminal, otherwise `json`; on Workers `json`',
  },
  APP_ENV: {
    section: 'Environment',
    alsoReadBy: [...DATABASE_COMMANDS, 'messages'],
    kind: z.enum(['development', 'production'], 'must be development or production'),
    otherwise: 'derived from NODE_ENV; Workers: production',
    help: 'Environment: development or production',
    note: '`development` or `production`. If unset, `NODE_ENV` decides: `development` and `test` mean development, any other value production. If both are unset: development; on Workers, production.',
  },
} satisfies Readonly<Record<string, Setting>>;
