import { isSupportedCountry } from 'libphonenumber-js/min';
import { z } from 'zod';
import { LOG_LEVELS } from '../core/log.ts';
import { DEFAULT_ROUNDS, MAX_ROUNDS, PUBLIC_RANGE_URL, TOKEN_ALGORITHMS } from './bounds.ts';
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

/** What may be set, each with the line that `--help` prints for it. */
export const settings = z.object({
  PORT: wholeNumber(0, 65_535).default(8000).describe('TCP port, 0 for any free one (8000)'),
  HOST: z
    .string()
    .max(253)
    .default('127.0.0.1')
    .describe('address to listen on, 0.0.0.0 for the whole network (127.0.0.1)'),
  DATABASE_URL: z
    .string()
    .max(2048)
    .regex(
      /^(file:|libsql:\/\/|https?:\/\/)./,
      'must start with file:, libsql://, https:// or http://',
    )
    .optional()
    .describe('file:PATH, libsql://HOST or http(s)://HOST (file:./data/latchkey.db; Workers: D1)'),
  DATABASE_AUTH_TOKEN: z
    .string()
    .max(8192)
    .optional()
    .describe('token of a libSQL server or Turso'),
  DATABASE_INSECURE: onOrOff
    .default('off')
    .describe('on: production may reach a database elsewhere without TLS (off)'),
  SECRET_KEY: z
    .string()
    .max(1024, 'must be at most 1024 characters')
    .optional()
    .describe('signs tokens and seals keys: 32 random bytes or more (production: required)'),
  SECRET_KEY_FILE: z
    .string()
    .optional()
    .describe('file that holds SECRET_KEY; not on Workers (none)'),
  SECRET_KEY_PREVIOUS: z
    .string()
    .max(1024, 'must be at most 1024 characters')
    .optional()
    .describe('the secret before this one, for as long as its tokens shall live (none)'),
  SECRET_KEY_PREVIOUS_FILE: z
    .string()
    .optional()
    .describe('file that holds SECRET_KEY_PREVIOUS; not on Workers (none)'),
  ALGORITHM: z
    .enum(TOKEN_ALGORITHMS, `must be one of ${TOKEN_ALGORITHMS.join(', ')}`)
    .default('HS256')
    .describe('how access tokens are signed: HS256, or ES256 or EdDSA with a key ring (HS256)'),
  JWT_ISSUER: tokenName.default('latchkey').describe('iss of access tokens (latchkey)'),
  JWT_AUDIENCE: tokenName.default('latchkey').describe('aud of access tokens (latchkey)'),
  ACCESS_TOKEN_EXPIRE_MINUTES: wholeNumber(1, MAX_ACCESS_TOKEN_MINUTES)
    .default(60)
    .describe(`lifetime of an access token in minutes, 1 to ${MAX_ACCESS_TOKEN_MINUTES} (60)`),
  SESSION_IDLE_DAYS: wholeNumber(1, 365)
    .default(14)
    .describe('days without use after which a session ends, 1 to 365 (14)'),
  SESSION_ABSOLUTE_DAYS: wholeNumber(1, 365)
    .default(30)
    .describe('days after which a session ends however much it is used, 1 to 365 (30)'),
  SESSION_MAX_PER_USER: wholeNumber(1, 1000)
    .default(50)
    .describe('sessions of one user, the oldest goes, 1 to 1000 (50)'),
  REFRESH_GRACE_SECONDS: wholeNumber(0, 60)
    .default(10)
    .describe('seconds for which the parent of a refresh token is taken, 0 to 60 (10)'),
  TRUSTED_PROXY_HOPS: wholeNumber(0, 10)
    .default(0)
    .describe('proxies in front whose X-Forwarded-For is believed, 0 to 10 (0)'),
  RATE_LIMIT_LOGIN: rateLimit
    .default({ count: 10, seconds: 60 })
    .describe('logins by one name from one network: COUNT/WINDOW or off (10/60s)'),
  RATE_LIMIT_LOGIN_ADDRESS: rateLimit
    .optional()
    .describe('logins from one address (six times RATE_LIMIT_LOGIN)'),
  RATE_LIMIT_SIGNUP: rateLimit
    .default({ count: 30, seconds: 3600 })
    .describe('sign-ups from one address (30/1h)'),
  RATE_LIMIT_REFRESH: rateLimit
    .default({ count: 60, seconds: 60 })
    .describe('refreshes of one session (60/60s)'),
  RATE_LIMIT_DEFAULT: rateLimit
    .default({ count: 600, seconds: 60 })
    .describe('requests from one address to one server, of any kind (600/60s)'),
  MAX_IN_FLIGHT: wholeNumber(1, 65_535)
    .default(512)
    .describe('requests under way at once, more are refused; not on Workers (512)'),
  CORS_ORIGINS: origins
    .optional()
    .describe('exact origins of web clients, with commas (development: port 8081; else none)'),
  SEED_DEMO_USER: flag
    .optional()
    .describe('make the demo user at start (development: true, on a network if APP_ENV is set)'),
  DOCS: onOrOff.default('on').describe('serve /docs and /openapi.json: on or off (on)'),
  DEFAULT_PHONE_REGION: z
    .string()
    .refine(isSupportedCountry, 'must be an ISO 3166 country code in capitals, such as IN')
    .default('IN')
    .describe('country of phone numbers that come without one (IN)'),
  PASSWORD_ROUNDS: wholeNumber(1, MAX_ROUNDS)
    .default(DEFAULT_ROUNDS)
    .describe(
      `password cost in steps of 100,000 iterations, 1 to ${MAX_ROUNDS} (${DEFAULT_ROUNDS})`,
    ),
  MIN_PASSWORD_LENGTH: wholeNumber(8, 64)
    .default(8)
    .describe('characters that a new password needs, 8 to 64 (8)'),
  HIBP: onOrOff
    .default('off')
    .describe('ask Have I Been Pwned about new passwords: on or off (off)'),
  HIBP_URL: rangeUrl
    .default(PUBLIC_RANGE_URL)
    .describe(`its range API, or a mirror of it (${PUBLIC_RANGE_URL})`),
  AUDIT_RETENTION_DAYS: wholeNumber(1, 3650)
    .default(180)
    .describe('days for which the record of what happened is kept, 1 to 3650 (180)'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .default('info')
    .describe(`${LOG_LEVELS.join(', ')} (info)`),
  APP_ENV: z
    .enum(['development', 'production'], 'must be development or production')
    .describe('development or production (what NODE_ENV says; Workers: production)'),
});

/** The settings as a person reads them, a line each. */
export function describeSettings(): string {
  return Object.entries(settings.shape)
    .map(([name, field]) => `  ${name.padEnd(28)} ${field.description}`)
    .join('\n');
}
