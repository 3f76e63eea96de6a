import type { z } from 'zod';
import { utf8 } from '../core/crypto/bytes.ts';
import type { Secrets } from '../core/crypto/derived-key.ts';
import { ConfigError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';
import { DEFAULT_ROUNDS } from './bounds.ts';
import { isUnencrypted } from './database-url.ts';
import { type SettingValues, settings } from './schema.ts';
import { type ReadSecretFile, sourceOf, withSecretFiles } from './secret-settings.ts';
import { isGuessable } from './secret-strength.ts';
import { SETTINGS } from './settings.ts';

/** The two origins that the web client of the profile system is developed on. */
const DEVELOPMENT_ORIGINS = ['http://localhost:8081', 'http://127.0.0.1:8081'];

const DAY_MS = 86_400_000;
const MIN_SECRET_BYTES = 32;

type Environment = NonNullable<SettingValues['APP_ENV']>;

/** Every setting, resolved. Nothing else in the house reads the environment. */
export type Config = Readonly<ReturnType<typeof resolve>>;

/** What a host knows before any setting is read. */
export interface HostDefaults {
  /** Used where neither `APP_ENV` nor `NODE_ENV` says it. */
  readonly environment: Environment;
  /** Used where `DATABASE_URL` is unset; `undefined` where the host has no database of its own. */
  readonly databaseUrl: string | undefined;
  /** True if a `file:` database can be opened. */
  readonly hasFiles: boolean;
  /** A secret of the host's own making. Asked for in development only, where `SECRET_KEY` is unset. */
  readonly developmentSecret?: (databaseUrl: string) => string;
  /** Reads what `SECRET_KEY_FILE` names; missing where the host has no files. */
  readonly readSecretFile?: ReadSecretFile;
}

/**
 * Reads settings from a record such as `process.env`. An empty value counts as unset; names that are
 * not ours are ignored.
 *
 * @throws ConfigError naming every bad setting at once
 */
export function parseConfig(
  record: Readonly<Record<string, unknown>>,
  defaults: HostDefaults,
): Config {
  const { given, problems: fileProblems } = withSecretFiles(
    givenSettings(record),
    defaults.readSecretFile,
  );
  const unlessSet = environmentOf(record.NODE_ENV) ?? defaults.environment;
  const isProduction = (given.APP_ENV ?? unlessSet) !== 'development';
  const parsed = settings.safeParse(given);
  const problems = [
    ...(parsed.error ? describeIssues(parsed.error) : []),
    ...fileProblems,
    ...databaseProblems(given, defaults),
    ...(isProduction ? productionProblems(given) : []),
  ];
  const databaseUrl = parsed.data?.DATABASE_URL ?? defaults.databaseUrl;
  if (!parsed.success || databaseUrl === undefined || problems.length > 0) {
    throw new ConfigError(problems);
  }

  const secretKey = parsed.data.SECRET_KEY ?? defaults.developmentSecret?.(databaseUrl);
  if (secretKey === undefined) throw new ConfigError(['SECRET_KEY: must be set']);
  const environment = parsed.data.APP_ENV ?? unlessSet;
  return resolve(parsed.data, { environment, databaseUrl, secretKey });
}

/** What became of the settings that a host has defaults for. */
interface Settled {
  readonly environment: Environment;
  readonly databaseUrl: string;
  readonly secretKey: string;
}

/** Each member of `Config`, and the settings that it comes from. */
function resolve(s: SettingValues, { environment, databaseUrl, secretKey }: Settled) {
  const isProduction = environment === 'production';
  const secretKeys: Secrets = [
    secretKey,
    ...(s.SECRET_KEY_PREVIOUS ? [s.SECRET_KEY_PREVIOUS] : []),
  ];
  const secretFiles: readonly string[] = [s.SECRET_KEY_FILE, s.SECRET_KEY_PREVIOUS_FILE].filter(
    (path) => path !== undefined,
  );
  const corsOrigins: readonly string[] =
    s.CORS_ORIGINS ?? (isProduction ? [] : DEVELOPMENT_ORIGINS);
  const isOpenByDefault = !isProduction && s.APP_ENV === undefined && !isLoopback(s.HOST);
  return {
    environment,
    host: s.HOST,
    port: s.PORT,
    databaseUrl,
    databaseAuthToken: s.DATABASE_AUTH_TOKEN,
    /** The one in use, then the one before it where it is still known. */
    secretKeys,
    /** The files that they come from, if any. */
    secretFiles,
    algorithm: s.ALGORITHM,
    issuer: s.JWT_ISSUER,
    audience: s.JWT_AUDIENCE,
    accessTokenLifetimeSeconds: s.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
    /** In milliseconds: without use, and however much it is used. */
    sessionLifetime: {
      idle: s.SESSION_IDLE_DAYS * DAY_MS,
      absolute: s.SESSION_ABSOLUTE_DAYS * DAY_MS,
    },
    maxSessionsPerUser: s.SESSION_MAX_PER_USER,
    refreshGraceSeconds: s.REFRESH_GRACE_SECONDS,
    trustedProxyHops: s.TRUSTED_PROXY_HOPS,
    rateLimits: rateLimitsOf(s),
    /** How many requests may be under way at once. */
    maxInFlight: s.MAX_IN_FLIGHT,
    corsOrigins,
    seedDemoUser: s.SEED_DEMO_USER ?? !(isProduction || isOpenByDefault),
    /** True if the demo user is left out because the network can reach this server, and no setting asks for it. */
    isDemoUserLeftOut: s.SEED_DEMO_USER === undefined && isOpenByDefault,
    /** True if Swagger UI and the OpenAPI document are served. */
    servesDocs: s.DOCS === 'on',
    defaultPhoneRegion: s.DEFAULT_PHONE_REGION,
    passwordRounds: s.PASSWORD_ROUNDS,
    /** How many characters a new password needs. */
    minPasswordLength: s.MIN_PASSWORD_LENGTH,
    /** The range API that is asked about new passwords; `undefined` where none is. */
    breachedPasswordsUrl: s.HIBP === 'on' ? s.HIBP_URL : undefined,
    /** How long audit events are kept, in milliseconds. */
    auditRetention: s.AUDIT_RETENTION_DAYS * DAY_MS,
    logLevel: s.LOG_LEVEL,
  };
}

/**
 * Where the database is, for programs that need no other setting. The token crosses the network for them as
 * well, so production refuses a database without TLS here too.
 *
 * @throws ConfigError
 */
export function parseDatabaseConfig(
  record: Readonly<Record<string, unknown>>,
  defaultUrl: string,
): Pick<Config, 'databaseUrl' | 'databaseAuthToken'> {
  const given = givenSettings(record);
  const parsed = settings
    .pick({ DATABASE_URL: true, DATABASE_AUTH_TOKEN: true, DATABASE_INSECURE: true })
    .safeParse(given);
  const isProduction =
    (given.APP_ENV ?? environmentOf(record.NODE_ENV) ?? 'development') !== 'development';
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
 * Our settings and no others, as texts; an empty one counts as unset. A Worker's variables may be numbers
 * and booleans too.
 */
const givenSettings = (record: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.keys(SETTINGS).flatMap((name) => {
      const value = record[name];
      const isSetting = ['string', 'number', 'boolean'].includes(typeof value) && value !== '';
      return isSetting ? [[name, String(value)]] : [];
    }),
  );

/** From one address come the logins of a household or an office: several names. */
const NAMES_PER_ADDRESS = 6;

/** Null where a limit is off. */
function rateLimitsOf(s: SettingValues) {
  const login = s.RATE_LIMIT_LOGIN;
  const wider = login && { ...login, count: login.count * NAMES_PER_ADDRESS };
  return {
    /** Of one account name. */
    login,
    loginByAddress: s.RATE_LIMIT_LOGIN_ADDRESS === undefined ? wider : s.RATE_LIMIT_LOGIN_ADDRESS,
    signup: s.RATE_LIMIT_SIGNUP,
    /** Of one session. */
    refresh: s.RATE_LIMIT_REFRESH,
    /** Of one address at one server, for everything. */
    anything: s.RATE_LIMIT_DEFAULT,
  };
}

const describeIssues = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

/** `NODE_ENV` has many values in the wild; only those that clearly mean a developer relax a default. */
function environmentOf(nodeEnv: unknown): Environment | undefined {
  if (typeof nodeEnv !== 'string' || nodeEnv === '') return undefined;
  return nodeEnv === 'development' || nodeEnv === 'test' ? 'development' : 'production';
}

/** What this host cannot give. */
function databaseProblems(
  { DATABASE_URL: url }: Readonly<Record<string, string>>,
  { databaseUrl, hasFiles }: HostDefaults,
): string[] {
  if (url === undefined && databaseUrl === undefined) {
    return ['DATABASE_URL: must be set, or a D1 database bound as DB'];
  }
  if (!url?.startsWith('file:')) return [];
  if (!hasFiles) return ['DATABASE_URL: must not be a file: there are none here'];
  if (url.startsWith('file::memory:') || /[?#]/.test(url)) {
    return ['DATABASE_URL: must name a file and no more; what is in memory is lost'];
  }
  const isPath = /^file:(?!\/\/(?!\/|localhost\/))./.test(url) && !/%(?![0-9a-f]{2})/i.test(url);
  return isPath ? [] : ['DATABASE_URL: must be file:PATH with a path of this machine'];
}

/** A database whose traffic can be read on the way. */
function encryptionProblems(given: Readonly<Record<string, string>>): string[] {
  const { DATABASE_URL: url, DATABASE_INSECURE: isAllowed } = given;
  if (url === undefined || isAllowed === 'on' || !isUnencrypted(url)) return [];
  return [
    'DATABASE_URL: must be encrypted in production, by https:// or libsql://, unless the server is on this machine; DATABASE_INSECURE=on allows it on a private network',
  ];
}

/** What is fine on a laptop and an open door in production. */
function productionProblems(given: Readonly<Record<string, string>>): string[] {
  const problems = encryptionProblems(given);
  if (!given.SECRET_KEY && !given.SECRET_KEY_FILE) {
    problems.push('SECRET_KEY: must be set in production');
  }
  // The secret before this one still opens doors: a weak one is no better there.
  for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'] as const) {
    const secret = given[name];
    if (secret === undefined) continue;
    const source = sourceOf(given, name);
    if (utf8(secret).length < MIN_SECRET_BYTES) {
      problems.push(`${source}: must be at least ${MIN_SECRET_BYTES} bytes in production`);
    } else if (isGuessable(secret)) {
      problems.push(`${source}: must be random, not an example; try \`openssl rand -base64 48\``);
    }
  }
  if (given.SEED_DEMO_USER === 'true' || given.SEED_DEMO_USER === '1') {
    problems.push('SEED_DEMO_USER: must be off in production, its password is public');
  }
  const rounds = Number(given.PASSWORD_ROUNDS ?? DEFAULT_ROUNDS);
  if (rounds >= 1 && rounds < DEFAULT_ROUNDS) {
    problems.push(`PASSWORD_ROUNDS: must be ${DEFAULT_ROUNDS} or more in production`);
  }
  return problems;
}
