import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import {
  type Config,
  parseConfig,
  parseDatabaseConfig,
  parseMessageConfig,
} from '../../config/config.ts';
import type { MessageConfig } from '../../config/message-config.ts';
import { misspelledSettings } from '../../config/misspelled-settings.ts';
import { filePathOf } from '../databases/libsql.ts';
import { developmentSecret, readSecretFile } from './secret-file.ts';

const BYTE_ORDER_MARK = /^\uFEFF/;
const DEFAULT_DATABASE_URL = 'file:./data/latchkey.db';

/** Reads the environment of this process. A `.env` in the working directory supplies what is unset. */
function readEnvironment(): Record<string, string | undefined> {
  const text = existsSync('.env') ? readFileSync('.env', 'utf8').replace(BYTE_ORDER_MARK, '') : '';
  // An empty variable counts as unset, so it must not hide the value in the file.
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

/** Names in the environment that resemble a setting: see {@link misspelledSettings}. */
export const readMisspelledSettings = (): readonly string[] =>
  misspelledSettings(readEnvironment());

/**
 * Reads the settings of `keys`, which works on a database outside of its server. All others keep their defaults. Only a
 * database file has its development secret beside it; for any other database, the servers would not know a generated
 * secret.
 *
 * @throws ConfigError
 */
export function readKeysConfig(): Config {
  const isFile = filePathOf(readDatabaseConfig().databaseUrl) !== undefined;
  return parseConfig(readEnvironment(), {
    ...PROCESS_DEFAULTS,
    reader: 'keys',
    ...(isFile && { developmentSecret }),
  });
}

/** Reads the settings of the database alone. @throws ConfigError */
export const readDatabaseConfig = (): Pick<Config, 'databaseUrl' | 'databaseAuthToken'> =>
  parseDatabaseConfig(readEnvironment(), DEFAULT_DATABASE_URL);

/** Reads the settings of messages alone. @throws ConfigError */
export const readMessageConfig = (): MessageConfig => parseMessageConfig(readEnvironment());
