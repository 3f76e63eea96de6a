import { type Config, type HostDefaults, parseConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/core/errors.ts';

export const SETTINGS = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'DATABASE_AUTH_TOKEN',
  'DATABASE_INSECURE',
  'SECRET_KEY',
  'SECRET_KEY_FILE',
  'SECRET_KEY_PREVIOUS',
  'SECRET_KEY_PREVIOUS_FILE',
  'ALGORITHM',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'ACCESS_TOKEN_EXPIRE_MINUTES',
  'SESSION_IDLE_DAYS',
  'SESSION_ABSOLUTE_DAYS',
  'SESSION_MAX_PER_USER',
  'REFRESH_GRACE_SECONDS',
  'TRUSTED_PROXY_HOPS',
  'RATE_LIMIT_LOGIN',
  'RATE_LIMIT_LOGIN_ADDRESS',
  'RATE_LIMIT_SIGNUP',
  'RATE_LIMIT_REFRESH',
  'RATE_LIMIT_DEFAULT',
  'MAX_IN_FLIGHT',
  'CORS_ORIGINS',
  'SEED_DEMO_USER',
  'DOCS',
  'DEFAULT_PHONE_REGION',
  'PASSWORD_ROUNDS',
  'MIN_PASSWORD_LENGTH',
  'HIBP',
  'HIBP_URL',
  'MAIL',
  'MAIL_FROM',
  'SMS',
  'MESSAGE_WEBHOOK_SECRET',
  'PUBLIC_URL',
  'APP_LINKS',
  'SMS_COUNTRIES',
  'SMS_DAILY_LIMIT',
  'RATE_LIMIT_MESSAGES',
  'SIGNUP_MODE',
  'REQUIRE_VERIFIED',
  'AUDIT_RETENTION_DAYS',
  'LOG_LEVEL',
  'LOG_FORMAT',
  'APP_ENV',
];

export const DEFAULT_LIMITS: Config['rateLimits'] = {
  login: { count: 10, seconds: 60 },
  loginByAddress: { count: 60, seconds: 60 },
  signup: { count: 30, seconds: 3600 },
  refresh: { count: 60, seconds: 60 },
  messages: { count: 30, seconds: 3600 },
  anything: { count: 600, seconds: 60 },
};

export const onLaptop: HostDefaults = {
  environment: 'development',
  databaseUrl: 'file:./laptop.db',
  hasFiles: true,
  developmentSecret: () => 'a secret of the laptop',
};
export const onWorkers: HostDefaults = {
  environment: 'production',
  databaseUrl: 'd1:',
  hasFiles: false,
};

/** Random, from `openssl rand -base64 48`. */
export const GOOD_SECRET = 'bsYq1XgkzNZ8pDdVQb0cQn3jv5T9wJmRrUe7HfLx2Ka4iGoW6yStEhMlPuAzCvFB';
export const production = { APP_ENV: 'production', SECRET_KEY: GOOD_SECRET };

export type Settings = Record<string, string>;

export const parse = (record: Settings, defaults = onLaptop): Config =>
  parseConfig(record, defaults);

export function errorOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('These settings were accepted');
}

export const nameOf = (problem: string): string => problem.slice(0, problem.indexOf(':'));

/** The names of the rejected settings, without duplicates. */
export const refused = (record: Settings, defaults = onLaptop): string[] => [
  ...new Set(errorOf(() => parse(record, defaults)).problems.map(nameOf)),
];
