import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { SecretFile } from '../../config/secret-settings.ts';
import { describeError } from '../../core/db/database.ts';
import { ConfigError } from '../../core/errors.ts';
import { refuseForeignFile } from '../databases/foreign-database.ts';
import { filePathOf } from '../databases/libsql.ts';
import { openFailure } from '../databases/open-failure.ts';
import { draftOf, publishDraft } from './draft.ts';

const MIN_LENGTH = 32;
/** More than the longest setting. Bounded, because reading a device file would never end. */
const MAX_FILE_BYTES = 128 * 1024;

/**
 * Returns the secret of this development machine. It is generated once and stored beside the database file (in `data/`
 * for a database server), readable only by its owner. Processes that start at the same time use the same secret.
 *
 * @throws ConfigError if the file contains no secret or cannot be created; CommandError if the database belongs to
 * another program or its folder cannot be used
 */
export function developmentSecret(databaseUrl: string): string {
  const database = filePathOf(databaseUrl);
  const path = `${database ?? 'data/latchkey.db'}.secret`;
  if (!existsSync(path)) {
    try {
      if (database !== undefined) refuseForeignFile(database);
      createSecret(path);
    } catch (error) {
      // The secret is beside the database, so the database cannot be created there either.
      if (database !== undefined) throw openFailure(database, error);
      throw new ConfigError([
        `SECRET_KEY: unset, and ${path} cannot be created: ${describeError(error)}`,
      ]);
    }
  }
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length < MIN_LENGTH) {
    throw new ConfigError([
      `SECRET_KEY: unset, and the secret in ${path} is too short. Delete that file to generate a new one, or set SECRET_KEY`,
    ]);
  }
  return secret;
}

/** Reads a setting from a file, without trailing line breaks, as `$(cat FILE)` does. */
export function readSecretFile(path: string): SecretFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readStart(path, MAX_FILE_BYTES));
    return { secret: text.replace(/[\r\n]+$/, '') };
  } catch (error) {
    if (error instanceof TypeError) return { fault: 'the file must be UTF-8 text' };
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown error';
    return { fault: `the file cannot be read (${code})` };
  }
}

function readStart(path: string, limit: number): Uint8Array {
  const bytes = new Uint8Array(limit);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    for (let read = -1; read !== 0; length += read) {
      read = readSync(file, bytes, length, limit - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** Creates the file atomically, unless another process has created it first. */
function createSecret(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = draftOf(path);
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  publishDraft(draft, path);
}
