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

/** When log lines are written for people: `auto` in development on a terminal. All other lines are JSON. */
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

/** The commands that work on the database without serving it. */
const DATABASE_COMMANDS = ['migrate', 'backup', 'check', 'keys'] as const;

/** A command of the program, by what it reads. */
export type SettingsReader = 'serve' | (typeof DATABASE_COMMANDS)[number];

/** One setting: what it accepts, its default, and its documentation. */
export interface Setting {
  /** Starts a section of `.env.example` and `docs/settings.md`. */
  readonly section?: string;
  /** Parses the value of the environment variable. */
  readonly kind: z.ZodType<unknown, string>;
  /** The text to parse if the setting is unset. */
  readonly default?: string;
  /** Describes a default that depends on the host or on another setting. */
  readonly otherwise?: string;
  /** The commands that read it besides `serve`, which reads every setting. */
  readonly alsoReadBy?: readonly SettingsReader[];
  /** One line of `--help`. */
  readonly help: string;
  /** The text in `.env.example` and `docs/settings.md`, in Markdown. Default: `help`. */
  readonly note?: string;
}

/** Every setting. `npm run settings:generate` writes `.env.example` and `docs/settings.md` from this list. */
export const SETTINGS = {
  PORT: {
    section: 'Server',
    kind: wholeNumber(0, 65_535),
    default: '8000',
    help: 'TCP port, 0 for any free one',
    note: 'TCP port; `0` takes a free one',
  },
  HOST: {
    kind: z.string().max(253),
    default: '127.0.0.1',
    help: 'address to listen on, 0.0.0.0 for the whole network',
    note: 'address to listen on. `0.0.0.0` lets phones on your network in, without the demo user unless `SEED_DEMO_USER` or `APP_ENV` asks for it',
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
    note: '`file:PATH`, `libsql://HOST`, `https://HOST` or `http://HOST`. Unset: `file:./data/latchkey.db`; on Workers the D1 binding `DB`',
  },
  DATABASE_AUTH_TOKEN: {
    alsoReadBy: DATABASE_COMMANDS,
    kind: z.string().max(8192),
    help: 'token of a libSQL server or Turso',
  },
  DATABASE_INSECURE: {
    alsoReadBy: DATABASE_COMMANDS,
    kind: onOrOff,
    default: 'off',
    help: 'on: production may reach a database elsewhere without TLS',
    note: 'production refuses a database on another machine without TLS (`http://`, `libsql://…?tls=0`); `on` allows it, for a private network',
  },
  SECRET_KEY: {
    section: 'Secrets and tokens',
    alsoReadBy: ['keys'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
    otherwise: 'production: required',
    help: 'signs tokens and seals keys: 32 random bytes or more',
    note: 'signs tokens and seals keys: `openssl rand -base64 48`. Production: at least 32 bytes, random: no example, repetition or sequence. Unset in development, one is made and kept beside the database, readable by its owner alone',
  },
  SECRET_KEY_FILE: {
    alsoReadBy: ['keys'],
    kind: z.string(),
    otherwise: 'none',
    help: 'file that holds SECRET_KEY; not on Workers',
    note: 'the file that holds `SECRET_KEY`, such as `/run/secrets/secret_key`, instead of that setting. Not on Workers',
  },
  SECRET_KEY_PREVIOUS: {
    alsoReadBy: ['keys'],
    kind: z.string().max(1024, 'must be at most 1024 characters'),
    otherwise: 'none',
    help: 'the secret before this one, for as long as its tokens shall live',
  },
  SECRET_KEY_PREVIOUS_FILE: {
    alsoReadBy: ['keys'],
    kind: z.string(),
    otherwise: 'none',
    help: 'file that holds SECRET_KEY_PREVIOUS; not on Workers',
    note: 'the file that holds `SECRET_KEY_PREVIOUS`, instead of that setting. Not on Workers',
  },
  ALGORITHM: {
    alsoReadBy: ['keys'],
    kind: z.enum(TOKEN_ALGORITHMS, `must be one of ${TOKEN_ALGORITHMS.join(', ')}`),
    default: 'HS256',
    help: 'how access tokens are signed: HS256, or ES256 or EdDSA with a key ring',
    note: 'how access tokens are signed: `HS256`, or `ES256` or `EdDSA` with a [key ring](../README.md#keys) in the database (`latchkey keys --help`)',
  },
  JWT_ISSUER: {
    kind: tokenName,
    default: 'latchkey',
    help: 'iss of access tokens',
    note: '`iss` of access tokens; tokens with another are refused',
  },
  JWT_AUDIENCE: {
    kind: tokenName,
    default: 'latchkey',
    help: 'aud of access tokens',
    note: '`aud` of access tokens; tokens with another are refused',
  },
  ACCESS_TOKEN_EXPIRE_MINUTES: {
    kind: wholeNumber(1, MAX_ACCESS_TOKEN_MINUTES),
    default: '60',
    help: `lifetime of an access token in minutes, 1 to ${MAX_ACCESS_TOKEN_MINUTES}`,
  },
  SESSION_IDLE_DAYS: {
    section: 'Sessions',
    kind: wholeNumber(1, 365),
    default: '14',
    help: 'days without use after which a session ends, 1 to 365',
  },
  SESSION_ABSOLUTE_DAYS: {
    kind: wholeNumber(1, 365),
    default: '30',
    help: 'days after which a session ends however much it is used, 1 to 365',
  },
  SESSION_MAX_PER_USER: {
    kind: wholeNumber(1, 1000),
    default: '50',
    help: 'sessions of one user, the oldest goes, 1 to 1000',
  },
  REFRESH_GRACE_SECONDS: {
    kind: wholeNumber(0, 60),
    default: '10',
    help: 'seconds for which the parent of a refresh token is taken, 0 to 60',
  },
  TRUSTED_PROXY_HOPS: {
    section: 'Proxies and limits',
    kind: wholeNumber(0, 10),
    default: '0',
    help: 'proxies in front whose X-Forwarded-For is believed, 0 to 10',
    note: 'how many proxies of yours stand in front, 0 to 10: that far `X-Forwarded-For` is believed',
  },
  RATE_LIMIT_LOGIN: {
    kind: rateLimit,
    default: '10/60s',
    help: 'logins by one name from one network: COUNT/WINDOW or off',
    note: '`COUNT/WINDOW` (`s`, `m`, `h`) or `off`: logins by one name from one network, and password changes of one account; three times that by one name from all networks that its account does not know. An IPv6 /64 is one address; the /56 around it has four times the quota, the /48 sixteen times',
  },
  RATE_LIMIT_LOGIN_ADDRESS: {
    kind: rateLimit,
    otherwise: 'six times RATE_LIMIT_LOGIN',
    help: 'logins from one address',
    note: 'logins from one address. Unset: six times `RATE_LIMIT_LOGIN`',
  },
  RATE_LIMIT_SIGNUP: {
    kind: rateLimit,
    default: '30/1h',
    help: 'sign-ups from one address',
  },
  RATE_LIMIT_REFRESH: {
    kind: rateLimit,
    default: '60/60s',
    help: 'refreshes of one session',
  },
  RATE_LIMIT_DEFAULT: {
    kind: rateLimit,
    default: '600/60s',
    help: 'requests from one address to one server, of any kind',
    note: 'requests of any kind from one address, counted by each server for itself',
  },
  MAX_IN_FLIGHT: {
    kind: wholeNumber(1, 65_535),
    default: '512',
    help: 'requests under way at once, more are refused; not on Workers',
    note: 'requests under way at once, 1 to 65535; more answer 503. Not on Workers',
  },
  CORS_ORIGINS: {
    section: 'Clients',
    kind: origins,
    otherwise: 'none; development: any port of this machine',
    help: 'exact origins of web clients, separated by commas',
    note: 'exact origins that browsers may call from, separated by commas; `*` is refused. In development every port of `localhost`, `127.0.0.1` and `[::1]` is allowed as well',
  },
  SEED_DEMO_USER: {
    kind: flag,
    otherwise: 'development: true, on a network if APP_ENV is set',
    help: 'make the demo user at start',
    note: 'make the demo user at start: `true` or `false`. Unset: `true` in development, unless `HOST` is no loopback address and `APP_ENV` is unset. Production refuses `true`. Where it is `false`, its public password is refused',
  },
  DOCS: {
    kind: onOrOff,
    default: 'on',
    help: 'serve /docs and /openapi.json: on or off',
    note: 'serve `/docs` and `/openapi.json`; `off`: they answer 404',
  },
  DEFAULT_PHONE_REGION: {
    kind: z
      .string()
      .refine(isSupportedCountry, 'must be an ISO 3166 country code in capitals, such as IN'),
    default: 'IN',
    help: 'country of phone numbers that come without one',
    note: 'country of phone numbers that come without one (ISO 3166)',
  },
  PASSWORD_ROUNDS: {
    section: 'Passwords',
    kind: wholeNumber(1, MAX_ROUNDS),
    default: `${DEFAULT_ROUNDS}`,
    help: `password cost in steps of 100,000 iterations, 1 to ${MAX_ROUNDS}`,
    note: `password cost in steps of 100,000 PBKDF2 iterations, 1 to ${MAX_ROUNDS}; production: ${DEFAULT_ROUNDS} or more`,
  },
  MIN_PASSWORD_LENGTH: {
    kind: wholeNumber(8, 64),
    default: '8',
    help: 'characters that a new password needs, 8 to 64',
    note: 'characters that a new password needs, 8 to 64. NIST SP 800-63B-4 [asks 15](security.md#passwords) of a password that is the only factor',
  },
  HIBP: {
    kind: onOrOff,
    default: 'off',
    help: 'ask Have I Been Pwned about new passwords: on or off',
    note: '`on`: new passwords are looked up at Have I Been Pwned. Five digits of a hash leave; if there is no answer within 1.5 seconds, the password counts as good',
  },
  HIBP_URL: {
    kind: rangeUrl,
    default: PUBLIC_RANGE_URL,
    help: 'its range API, or a mirror of it',
    note: 'its range API, or your mirror of it: `https://`, on the same machine `http://` too',
  },
  AUDIT_RETENTION_DAYS: {
    section: 'Records and logs',
    kind: wholeNumber(1, 3650),
    default: '180',
    help: 'days for which the record of what happened is kept, 1 to 3650',
    note: 'days for which the record of what happened to accounts is kept, 1 to 3650',
  },
  LOG_LEVEL: {
    kind: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
    default: 'info',
    help: LOG_LEVELS.join(', '),
    note: 'the least important level that is written: `debug`, `info`, `warn`, `error` or `silent`',
  },
  LOG_FORMAT: {
    kind: z.enum(LOG_FORMATS, `must be one of ${LOG_FORMATS.join(', ')}`),
    default: 'auto',
    help: 'auto (pretty in development on a terminal, else json), pretty, json',
    note: '`json`: one object per line. `pretty`: lines for people, coloured on a terminal unless `NO_COLOR` is set. `auto`: `pretty` in development on a terminal, otherwise `json`; on Workers `json`',
  },
  APP_ENV: {
    section: 'Environment',
    alsoReadBy: DATABASE_COMMANDS,
    kind: z.enum(['development', 'production'], 'must be development or production'),
    otherwise: 'what NODE_ENV says; Workers: production',
    help: 'development or production',
    note: '`development` or `production`. A `NODE_ENV` other than `development` and `test` counts as production; without one it is development',
  },
} satisfies Readonly<Record<string, Setting>>;
