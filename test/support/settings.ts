import { type Config, ConfigError, type HostDefaults, parseConfig } from '../../src/config.ts';

export const SETTINGS = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'DATABASE_AUTH_TOKEN',
  'SECRET_KEY',
  'SECRET_KEY_PREVIOUS',
  'ALGORITHM',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'ACCESS_TOKEN_EXPIRE_MINUTES',
  'SESSION_IDLE_DAYS',
  'SESSION_ABSOLUTE_DAYS',
  'SESSION_MAX_PER_USER',
  'REFRESH_GRACE_SECONDS',
  'TRUSTED_PROXY_HOPS',
  'MAX_IN_FLIGHT',
  'CORS_ORIGINS',
  'SEED_DEMO_USER',
  'DEFAULT_PHONE_REGION',
  'PASSWORD_ROUNDS',
  'HIBP',
  'HIBP_URL',
  'LOG_LEVEL',
  'APP_ENV',
];

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

/** Random, as `openssl rand -base64 48` makes them. */
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

/** The settings that are refused, each once. */
export const refused = (record: Settings, defaults = onLaptop): string[] => [
  ...new Set(errorOf(() => parse(record, defaults)).problems.map(nameOf)),
];
