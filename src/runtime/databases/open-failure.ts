import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeError } from '../../core/db/database.ts';
import { CommandError } from '../../core/errors.ts';

/** Explains driver and file system errors to the operator. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/SQLITE_BUSY/, 'another process has locked it'],
  [/SQLITE_FULL|ENOSPC|EFBIG|EDQUOT/, 'the disk is full'],
  [/SQLITE_READONLY|EACCES|EPERM|EROFS/, 'this user may not write there'],
  [/ENOTDIR|EEXIST/, 'a part of its path is not a folder'],
  [/ENOENT/, 'its folder cannot be created'],
  // The driver's message for SQLITE_CANTOPEN.
  [/SQLITE_CANTOPEN|ConnectionFailed\(.*: 14"\)/, 'this user may not read and write it'],
];

/** Returns the error for a database file that cannot be opened or created. It names `DATABASE_URL` and the path. */
export function openFailure(path: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const words = isFolder(path) ? 'it is a folder' : describeError(error);
  const [, reason = words] = REASONS.find(([pattern]) => pattern.test(words)) ?? [];
  return new CommandError(
    `DATABASE_URL: the database at ${resolve(path)} cannot be opened: ${reason}.`,
  );
}

/** Returns false if the path cannot be read. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
