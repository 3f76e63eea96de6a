import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import {
  type Config,
  parseConfig,
  parseDatabaseConfig,
  parseImportConfig,
  parseMessageConfig,
} from '../../config/config.ts';
import type { MessageConfig } from '../../config/message-config.ts';
import { misspelledSettings } from '../../config/misspelled-settings.ts';
import { filePathOf } from '../databases/libsql.ts';
import { developmentSecret, readSecretFile } from './secret-file.ts';

const BYTE_ORDER_MARK = /^\uFEFF/;
const DEFAULT_DATABASE_URL = 'file:./data/latchkey.db';

/**
 * Reads the environment of this process. A `.env` file in the working directory provides the variables that are unset.
 */
function readEnvironment(): Record<string, string | undefined> {
  const text = existsSync('.env') ? readFileSync('.env', 'utf8').replace(BYTE_ORDER_MARK, '') : '';
  // An empty variable counts as unset, so it must not override the value in the file.
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  return { ...parseEnv(text), ...Object.fromEntries(given) };
}

const PROCESS_DEFAULTS = {
  environment: 'development',
  databaseUrl: DEFAULT_DATABASE_URL,
  hasFiles: true,
  readSecretFile,
} as const;

/** Reads all settings of this process. @throws ConfigError */
export const readConfig = (): Config =>
  parseConfig(readEnvironment(), { ...PROCESS_DEFAULTS, developmentSecret });

/** Finds names in the environment that look like misspelled settings: see {@link misspelledSettings}. */
export const readMisspelledSettings = (): readonly string[] =>
  misspelledSettings(readEnvironment());

/**
 * Reads the settings of a command that accesses a database without its server. All other settings keep their defaults.
 * Only a database file has a development secret beside it. For any other database, the servers would not know a secret
 * generated here.
 *
 * @throws ConfigError
 */
export function readCommandConfig(reader: 'keys' | 'users'): Config {
  const isFile = filePathOf(readDatabaseConfig().databaseUrl) !== undefined;
  return parseConfig(readEnvironment(), {
    ...PROCESS_DEFAULTS,
    reader,
    ...(isFile && { developmentSecret }),
  });
}

/**
 * Reads the settings of `users` for a D1 database, which `DATABASE_URL` does not name.
 *
 * @param needsSecret false if nothing is hashed: then `SECRET_KEY` may be unset in development
 * @throws ConfigError
 */
export function readD1Config(needsSecret: boolean): Config {
  const { DATABASE_URL: _, ...record } = readEnvironment();
  const secret = needsSecret ? {} : { developmentSecret: () => 'unused' };
  return parseConfig(record, { ...PROCESS_DEFAULTS, reader: 'users', ...secret });
}

/**
 * Reads only the settings of the database.
 *
 * @throws ConfigError
 */
export const readDatabaseConfig = (): Pick<Config, 'databaseUrl' | 'databaseAuthToken'> =>
  parseDatabaseConfig(readEnvironment(), DEFAULT_DATABASE_URL);

/** Reads the settings of an import. @param needsDatabase false for D1, which `DATABASE_URL` does not name */
export function readImportConfig(needsDatabase: boolean): ReturnType<typeof parseImportConfig> {
  const { DATABASE_URL, ...record } = readEnvironment();
  return parseImportConfig(
    needsDatabase ? { ...record, DATABASE_URL } : record,
    DEFAULT_DATABASE_URL,
  );
}

/** Reads the settings of messages alone. @throws ConfigError */
export const readMessageConfig = (): MessageConfig => parseMessageConfig(readEnvironment());
