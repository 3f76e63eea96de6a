import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, parseConfig, parseDatabaseConfig } from '../config.ts';
import { developmentSecret } from './secret-file.ts';

const BYTE_ORDER_MARK = /^\uFEFF/;
const DEFAULT_DATABASE_URL = 'file:./data/latchkey.db';

/** The environment of this process, over a `.env` in the working directory. */
function readEnvironment(): Record<string, string | undefined> {
  const text = existsSync('.env') ? readFileSync('.env', 'utf8').replace(BYTE_ORDER_MARK, '') : '';
  // An empty value is unset here as well: it must not hide what the file says.
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  return { ...parseEnv(text), ...Object.fromEntries(given) };
}

/** All settings of this process. @throws ConfigError */
export const readConfig = (): Config =>
  parseConfig(readEnvironment(), {
    environment: 'development',
    databaseUrl: DEFAULT_DATABASE_URL,
    hasFiles: true,
    developmentSecret,
  });

/** Where the database is. @throws ConfigError */
export const readDatabaseConfig = (): Pick<Config, 'databaseUrl' | 'databaseAuthToken'> =>
  parseDatabaseConfig(readEnvironment(), DEFAULT_DATABASE_URL);
