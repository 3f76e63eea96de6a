import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandError } from './command.ts';
import { filePathOf } from './libsql.ts';

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/**
 * The path of a `file:` database; `undefined` for a server.
 *
 * @throws CommandError where no file is there: to open it would make one
 */
export function existingFile(databaseUrl: string): string | undefined {
  const path = filePathOf(databaseUrl);
  if (path === undefined) return undefined;
  const whole = resolve(path);
  if (!existsSync(whole)) {
    throw new CommandError(`There is no database at ${whole}. DATABASE_URL says where to look.`);
  }
  return whole;
}

/** Bytes of a file; 0 where there is none. */
export const sizeOf = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** A number of bytes as a person reads it, such as `1.5 MB`. */
export function formatSize(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}
