import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, parseConfig, parseDatabaseConfig } from '../config.ts';
import { developmentSecret } from './secret-file.ts';

const DEFAULT_DATABASE_URL = 'file:./data/latchkey.db';

/** The environment of this process, over a `.env` in the working directory. */
const readEnvironment = (): Record<string, string | undefined> => ({
  ...(existsSync('.env') && parseEnv(readFileSync('.env', 'utf8'))),
  ...process.env,
});

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
