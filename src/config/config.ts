import type { z } from 'zod';
import { utf8 } from '../core/crypto/bytes.ts';
import type { Secrets } from '../core/crypto/derived-key.ts';
import { ConfigError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';
import { avatarConfigOf, avatarProblems } from './avatar-config.ts';
import { DEFAULT_ROUNDS } from './bounds.ts';
import { databaseProblems, encryptionProblems } from './database-problems.ts';
import { type MessageConfig, messageConfigOf, messageProblems } from './message-config.ts';
import { misspelledSettings } from './misspelled-settings.ts';
import { pageConfigOf } from './page-config.ts';
import { rateLimitsOf } from './rate-limits.ts';
import { isReadBy, type SettingValues, settings } from './schema.ts';
import { type ReadSecretFile, sourceOf, withSecretFiles } from './secret-settings.ts';
import { isGuessable } from './secret-strength.ts';
import { isGiven, type Setting, type SettingsReader } from './setting.ts';
import { SETTINGS } from './settings.ts';

const DAY_MS = 86_400_000;
const MIN_SECRET_BYTES = 32;

type Environment = NonNullable<SettingValues['APP_ENV']>;

/** All settings, resolved. The rest of the code does not read the environment. */
export type Config = Readonly<ReturnType<typeof resolve>>;

/** Defaults and capabilities of the host. */
export interface HostDefaults {
  /** Used if both `APP_ENV` and `NODE_ENV` are unset. */
  readonly environment: Environment;
  /** Used if `DATABASE_URL` is unset; `undefined` if the host has no default database. */
  readonly databaseUrl: string | undefined;
  /** True if a `file:` database can be opened. */
  readonly hasFiles: boolean;
  /** Returns a generated secret. Called in development only, if `SECRET_KEY` is unset. */
  readonly developmentSecret?: (databaseUrl: string) => string;
  /** Reads the file that a setting such as `SECRET_KEY_FILE` names; absent if the host has no files. */
  readonly readSecretFile?: ReadSecretFile;
  /**
   * The command that reads the settings. Settings that it does not read keep their defaults. Default: `serve`, which
   * reads all.
   */
  readonly reader?: SettingsReader;
}

/**
 * Reads the settings from a record such as `process.env`. An empty value counts as unset; unknown names are
 * ignored.
 *
 * @throws ConfigError listing all invalid settings
 */
export function parseConfig(
  record: Readonly<Record<string, unknown>>,
  defaults: HostDefaults,
): Config {
  const { given, problems: fileProblems } = withSecretFiles(
    givenSettings(record, defaults.reader ?? 'serve'),
    defaults.readSecretFile,
  );
  const defaultEnvironment = environmentOf(record.NODE_ENV) ?? defaults.environment;
  const isProduction = (given.APP_ENV ?? defaultEnvironment) !== 'development';
  const parsed = settings.safeParse(given);
  const problems = [
    ...(parsed.error ? describeIssues(parsed.error) : []),
    ...fileProblems,
    ...databaseProblems(given, defaults),
    ...messageProblems(given, isProduction),
    ...avatarProblems(given, defaults.hasFiles),
    ...(isProduction ? productionProblems(given) : []),
  ];
  const databaseUrl = parsed.data?.DATABASE_URL ?? defaults.databaseUrl;
  if (!parsed.success || databaseUrl === undefined || problems.length > 0) {
    // A setting may be missing because its name is misspelled.
    throw new ConfigError([...problems, ...misspelledSettings(record)]);
  }

  const secretKey = parsed.data.SECRET_KEY ?? defaults.developmentSecret?.(databaseUrl);
  if (secretKey === undefined) throw new ConfigError(['SECRET_KEY: must be set']);
  const environment = parsed.data.APP_ENV ?? defaultEnvironment;
  return resolve(parsed.data, { environment, databaseUrl, secretKey });
}

/** The settings with host defaults, resolved. */
interface HostSettings {
  readonly environment: Environment;
  readonly databaseUrl: string;
  readonly secretKey: string;
}

/** Derives each member of `Config` from the settings. */
function resolve(s: SettingValues, { environment, databaseUrl, secretKey }: HostSettings) {
  const isProduction = environment === 'production';
  const secretKeys: Secrets = [
    secretKey,
    ...(s.SECRET_KEY_PREVIOUS ? [s.SECRET_KEY_PREVIOUS] : []),
  ];
  const secretFiles: readonly string[] = [
    s.SECRET_KEY_FILE,
    s.SECRET_KEY_PREVIOUS_FILE,
    s.METRICS_TOKEN_FILE,
  ].filter((path) => path !== undefined);
  const corsOrigins: readonly string[] = s.CORS_ORIGINS ?? [];
  const isExposedByDefault = !isProduction && s.APP_ENV === undefined && !isLoopback(s.HOST);
  return {
    environment,
    host: s.HOST,
    port: s.PORT,
    databaseUrl,
    databaseAuthToken: s.DATABASE_AUTH_TOKEN,
    /** The current secret, then the previous one if it is set. */
    secretKeys,
    /** The paths of the files that contain secrets. */
    secretFiles,
    algorithm: s.ALGORITHM,
    issuer: s.JWT_ISSUER,
    audience: s.JWT_AUDIENCE,
    accessTokenLifetimeSeconds: s.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
    /** The idle and the absolute timeout, in milliseconds. */
    sessionLifetime: {
      idle: s.SESSION_IDLE_DAYS * DAY_MS,
      absolute: s.SESSION_ABSOLUTE_DAYS * DAY_MS,
    },
    maxSessionsPerUser: s.SESSION_MAX_PER_USER,
    refreshGraceSeconds: s.REFRESH_GRACE_SECONDS,
    trustedProxyHops: s.TRUSTED_PROXY_HOPS,
    rateLimits: rateLimitsOf(s),
    /** Maximum number of in-flight requests. */
    maxInFlight: s.MAX_IN_FLIGHT,
    corsOrigins,
    /** True if pages served by this machine may call from any port, in addition to `corsOrigins`. */
    allowsLoopbackOrigins: !isProduction,
    seedDemoUser: s.SEED_DEMO_USER ?? !(isProduction || isExposedByDefault),
    /** True if the demo user is omitted: the network can reach this server, and the setting is not given. */
    isDemoUserLeftOut: s.SEED_DEMO_USER === undefined && isExposedByDefault,
    /** True if Swagger UI and the OpenAPI document are served. */
    servesDocs: s.DOCS === 'on',
    defaultPhoneRegion: s.DEFAULT_PHONE_REGION,
    passwordRounds: s.PASSWORD_ROUNDS,
    /** Minimum length of a new password, in characters. */
    minPasswordLength: s.MIN_PASSWORD_LENGTH,
    /** The range API that checks new passwords; `undefined` if the check is off. */
    breachedPasswordsUrl: s.HIBP === 'on' ? s.HIBP_URL : undefined,
    /** The JSON Schema of own fields of profiles; `undefined` if there are none. */
    profileFields: s.PROFILE_FIELDS,
    /** How messages are sent. */
    messages: messageConfigOf(s, isProduction),
    /** The pages for users. */
    pages: pageConfigOf(s, isProduction),
    /** Where avatars are stored. */
    avatars: avatarConfigOf(s),
    /** Whether strangers may create accounts; `hidden` does not tell which addresses are taken. */
    signUpMode: s.SIGNUP_MODE,
    /** True if only an account with a verified address can log in. */
    requiresVerified: s.REQUIRE_VERIFIED === 'login',
    /** The address whose account becomes an administrator, as the setting that is given names it. */
    firstAdmin: { email: s.ADMIN_EMAIL, phone: s.ADMIN_PHONE },
    /** The bearer token of `GET /metrics`, which exists only with one. */
    metricsToken: s.METRICS_TOKEN,
    /** Retention of audit events, in milliseconds. */
    auditRetention: s.AUDIT_RETENTION_DAYS * DAY_MS,
    logLevel: s.LOG_LEVEL,
    /**
     * The format of log lines. `auto` occurs in development only and means `pretty` on a terminal, otherwise `json`.
     */
    logFormat: s.LOG_FORMAT === 'auto' && isProduction ? 'json' : s.LOG_FORMAT,
  };
}

/**
 * Reads only the settings of the database, for programs that need no others. These programs send the token too, so in
 * production a database without TLS is rejected here as well.
 *
 * @throws ConfigError listing all invalid settings
 */
export function parseDatabaseConfig(
  record: Readonly<Record<string, unknown>>,
  defaultUrl: string,
): Pick<Config, 'databaseUrl' | 'databaseAuthToken'> {
  const given = givenSettings(record, 'migrate');
  const parsed = settings
    .pick({ DATABASE_URL: true, DATABASE_AUTH_TOKEN: true, DATABASE_INSECURE: true })
    .safeParse(given);
  const isProduction = isInProduction(given, record);
  const problems = [
    ...(parsed.error ? describeIssues(parsed.error) : []),
    ...(isProduction ? encryptionProblems(given) : []),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return {
    databaseUrl: parsed.data.DATABASE_URL ?? defaultUrl,
    databaseAuthToken: parsed.data.DATABASE_AUTH_TOKEN,
  };
}

/**
 * Reads the settings of an import: of the database, and how phone numbers are read.
 *
 * @throws ConfigError listing all invalid settings
 */
export function parseImportConfig(
  record: Readonly<Record<string, unknown>>,
  defaultUrl: string,
): Pick<Config, 'databaseUrl' | 'databaseAuthToken' | 'defaultPhoneRegion'> {
  const database = parseDatabaseConfig(record, defaultUrl);
  const parsed = settings
    .pick({ DEFAULT_PHONE_REGION: true })
    .safeParse(givenSettings(record, 'import'));
  if (!parsed.success) throw new ConfigError(describeIssues(parsed.error));
  return { ...database, defaultPhoneRegion: parsed.data.DEFAULT_PHONE_REGION };
}

/**
 * Reads the settings of messages, for a program that sends one without a database.
 *
 * @throws ConfigError listing all invalid settings
 */
export function parseMessageConfig(record: Readonly<Record<string, unknown>>): MessageConfig {
  const given = givenSettings(record, 'messages');
  const parsed = settings.safeParse(given);
  const isProduction = isInProduction(given, record);
  const problems = [
    ...(parsed.error ? describeIssues(parsed.error) : []),
    ...messageProblems(given, isProduction),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return messageConfigOf(parsed.data, isProduction);
}

/** True unless the settings mean development, which is the default of programs other than the server. */
const isInProduction = (
  given: Readonly<Record<string, string>>,
  record: Readonly<Record<string, unknown>>,
): boolean => (given.APP_ENV ?? environmentOf(record.NODE_ENV) ?? 'development') !== 'development';

/** Returns the settings of a record that a command reads, as text. An empty value counts as unset. */
const givenSettings = (
  record: Readonly<Record<string, unknown>>,
  reader: SettingsReader,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries<Setting>(SETTINGS).flatMap(([name, setting]) => {
      if (!isReadBy(reader, setting)) return [];
      const value = record[name];
      return isGiven(value) ? [[name, String(value)]] : [];
    }),
  );

const describeIssues = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

/** `NODE_ENV` has many values in practice; only those that clearly mean development relax the defaults. */
function environmentOf(nodeEnv: unknown): Environment | undefined {
  if (typeof nodeEnv !== 'string' || nodeEnv === '') return undefined;
  return nodeEnv === 'development' || nodeEnv === 'test' ? 'development' : 'production';
}

/** Rejects settings that are safe in development only. */
function productionProblems(given: Readonly<Record<string, string>>): string[] {
  const problems = encryptionProblems(given);
  if (!given.SECRET_KEY && !given.SECRET_KEY_FILE) {
    problems.push('SECRET_KEY: must be set in production');
  }
  // The previous secret is still accepted, so it must be as strong as the current one.
  for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS', 'METRICS_TOKEN'] as const) {
    const secret = given[name];
    if (secret === undefined) continue;
    const source = sourceOf(given, name);
    if (utf8(secret).length < MIN_SECRET_BYTES) {
      problems.push(`${source}: must be at least ${MIN_SECRET_BYTES} bytes in production`);
    } else if (isGuessable(secret)) {
      problems.push(
        `${source}: must be random, not an example; generate one with \`openssl rand -base64 48\``,
      );
    }
  }
  for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'] as const) {
    if (given.METRICS_TOKEN !== undefined && given.METRICS_TOKEN === given[name]) {
      problems.push(`${sourceOf(given, 'METRICS_TOKEN')}: must differ from ${name}`);
    }
  }
  if (given.SEED_DEMO_USER === 'true' || given.SEED_DEMO_USER === '1') {
    problems.push('SEED_DEMO_USER: must be off in production, because its password is public');
  }
  const rounds = Number(given.PASSWORD_ROUNDS ?? DEFAULT_ROUNDS);
  if (rounds >= 1 && rounds < DEFAULT_ROUNDS) {
    problems.push(`PASSWORD_ROUNDS: must be ${DEFAULT_ROUNDS} or more in production`);
  }
  return problems;
}
