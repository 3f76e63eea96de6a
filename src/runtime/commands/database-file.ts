import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandError } from '../../core/errors.ts';
import { filePathOf } from '../databases/libsql.ts';

/**
 * Returns the absolute path of a `file:` database, or `undefined` for a server.
 *
 * @throws CommandError for a folder, and if the file does not exist, because opening it would create it
 */
export function existingFile(databaseUrl: string): string | undefined {
  const path = filePathOf(databaseUrl);
  if (path === undefined) return undefined;
  const whole = resolve(path);
  if (!existsSync(whole)) {
    throw new CommandError(`There is no database at ${whole}. Set DATABASE_URL to its location.`);
  }
  if (statSync(whole).isDirectory()) throw new CommandError(`DATABASE_URL: ${whole} is a folder.`);
  return whole;
}
