import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, parseConfig, parseDatabaseConfig } from '../../config/config.ts';
import { filePathOf } from '../databases/libsql.ts';
import { developmentSecret, readSecretFile } from './secret-file.ts';

const BYTE_ORDER_MARK = /^\uFEFF/;
const DEFAULT_DATABASE_URL = 'file:./data/latchkey.db';

/** The environment of this process, over a `.env` in the working directory. */
function readEnvironment(): Record<string, string | undefined> {
  const text = existsSync('.env') ? readFileSync('.env', 'utf8').replace(BYTE_ORDER_MARK, '') : '';
  // An empty value is unset here as well: it must not hide what the file says.
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  return { ...parseEnv(text), ...Object.fromEntries(given) };
}

const PROCESS_DEFAULTS = {
  environment: 'development',
  databaseUrl: DEFAULT_DATABASE_URL,
  hasFiles: true,
  readSecretFile,
} as const;

/** All settings of this process. @throws ConfigError */
export const readConfig = (): Config =>
  parseConfig(readEnvironment(), { ...PROCESS_DEFAULTS, developmentSecret });

/**
 * The same for who works on a database from outside its server. Of a file beside which the server keeps a
 * secret, that one is meant; for any other database a generated secret would be unknown to the other servers.
 *
 * @throws ConfigError
 */
export function readConfigOfOperator(): Config {
  const isFile = filePathOf(readDatabaseConfig().databaseUrl) !== undefined;
  return parseConfig(readEnvironment(), {
    ...PROCESS_DEFAULTS,
    ...(isFile && { developmentSecret }),
  });
}

/** Where the database is. @throws ConfigError */
export const readDatabaseConfig = (): Pick<Config, 'databaseUrl' | 'databaseAuthToken'> =>
  parseDatabaseConfig(readEnvironment(), DEFAULT_DATABASE_URL);
