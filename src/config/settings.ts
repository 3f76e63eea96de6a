import { isSupportedCountry } from 'libphonenumber-js/min';
import { z } from 'zod';
import { LOG_LEVELS } from '../core/log.ts';
import { AVATAR_SETTINGS } from './avatar-settings.ts';
import { DEFAULT_ROUNDS, MAX_ROUNDS, PUBLIC_RANGE_URL, TOKEN_ALGORITHMS } from './bounds.ts';
import { MESSAGE_SETTINGS } from './message-settings.ts';
import { PAGE_SETTINGS } from './page-settings.ts';
import { DATABASE_COMMANDS, type Setting } from './setting.ts';
import {
  fieldsSchema,
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
    alsoReadBy: ['users'],
    kind: wholeNumber(0, 65_535),
    default: '8000',
  },
  HOST: {
    alsoReadBy: ['users'],
    kind: z.string().max(253),
    default: '127.0.0.1',
  },
  DATABASE_URL: {
    alsoReadBy: DATABASE_COMMANDS,
    kind: z
      .string()
      .max(2048)
      .regex(
        /^(file:|libsql:\/\/|https?:\/\/)./,
        'must start with file:, libsql://, https:// or http://',
      ),
  },
  DATABASE_AUTH_TOKEN: {
    alsoReadBy: DATABASE_COMMANDS,
    kind: z.string().max(8192),
  },
  DATABASE_INSECURE: {
    alsoReadBy: DATABASE_COMMANDS,
    kind: onOrOff,
    default: 'off',
  },
  SECRET_KEY: {
    alsoReadBy: ['keys', 'users'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
  },
  SECRET_KEY_FILE: {
    alsoReadBy: ['keys', 'users'],
    kind: z.string(),
  },
  SECRET_KEY_PREVIOUS: {
    alsoReadBy: ['keys', 'users'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
  },
  SECRET_KEY_PREVIOUS_FILE: {
    alsoReadBy: ['keys', 'users'],
    kind: z.string(),
  },
  ALGORITHM: {
    alsoReadBy: ['keys'],
    kind: z.enum(TOKEN_ALGORITHMS, `must be one of ${TOKEN_ALGORITHMS.join(', ')}`),
    default: 'HS256',
  },
  JWT_ISSUER: {
    kind: tokenName,
    default: 'latchkey',
  },
  JWT_AUDIENCE: {
    kind: tokenName,
    default: 'latchkey',
  },
  ACCESS_TOKEN_EXPIRE_MINUTES: {
    kind: wholeNumber(1, MAX_ACCESS_TOKEN_MINUTES),
    default: '60',
  },
  SESSION_IDLE_DAYS: {
    kind: wholeNumber(1, 365),
    default: '14',
  },
  SESSION_ABSOLUTE_DAYS: {
    kind: wholeNumber(1, 365),
    default: '30',
  },
  SESSION_MAX_PER_USER: {
    kind: wholeNumber(1, 1000),
    default: '50',
  },
  REFRESH_GRACE_SECONDS: {
    kind: wholeNumber(0, 60),
    default: '10',
  },
  ADMIN_EMAIL: {
    kind: z.string().max(254, 'must be at most 254 characters'),
  },
  ADMIN_PHONE: {
    kind: z.string().max(32, 'must be at most 32 characters'),
  },
  TRUSTED_PROXY_HOPS: {
    kind: wholeNumber(0, 10),
    default: '0',
  },
  RATE_LIMIT_LOGIN: {
    kind: rateLimit,
    default: '10/60s',
  },
  RATE_LIMIT_LOGIN_ADDRESS: {
    kind: rateLimit,
  },
  RATE_LIMIT_SIGNUP: {
    kind: rateLimit,
    default: '30/1h',
  },
  RATE_LIMIT_REFRESH: {
    kind: rateLimit,
    default: '60/60s',
  },
  RATE_LIMIT_DEFAULT: {
    kind: rateLimit,
    default: '600/60s',
  },
  MAX_IN_FLIGHT: {
    kind: wholeNumber(1, 65_535),
    default: '512',
  },
  CORS_ORIGINS: {
    kind: origins,
  },
  SEED_DEMO_USER: {
    kind: flag,
  },
  DOCS: {
    kind: onOrOff,
    default: 'on',
  },
  DEFAULT_PHONE_REGION: {
    alsoReadBy: ['users', 'import'],
    kind: z
      .string()
      .refine(isSupportedCountry, 'must be an ISO 3166 country code in upper case, such as IN'),
    default: 'IN',
  },
  PASSWORD_ROUNDS: {
    kind: wholeNumber(1, MAX_ROUNDS),
    default: `${DEFAULT_ROUNDS}`,
  },
  MIN_PASSWORD_LENGTH: {
    kind: wholeNumber(8, 64),
    default: '8',
  },
  HIBP: {
    kind: onOrOff,
    default: 'off',
  },
  HIBP_URL: {
    kind: rangeUrl,
    default: PUBLIC_RANGE_URL,
  },
  PROFILE_FIELDS: {
    alsoReadBy: ['users'],
    kind: fieldsSchema,
  },
  PROFILE_FIELDS_FILE: {
    alsoReadBy: ['users'],
    kind: z.string(),
  },
  ...MESSAGE_SETTINGS,
  ...PAGE_SETTINGS,
  ...AVATAR_SETTINGS,
  AUDIT_RETENTION_DAYS: {
    kind: wholeNumber(1, 3650),
    default: '180',
  },
  LOG_LEVEL: {
    kind: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
    default: 'info',
  },
  LOG_FORMAT: {
    kind: z.enum(LOG_FORMATS, `must be one of ${LOG_FORMATS.join(', ')}`),
    default: 'auto',
  },
  APP_ENV: {
    alsoReadBy: [...DATABASE_COMMANDS, 'messages'],
    kind: z.enum(['development', 'production'], 'must be development or production'),
  },
} satisfies Readonly<Record<string, Setting>>;
