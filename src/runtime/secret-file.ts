import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../config.ts';
import { filePathOf } from './libsql.ts';

const MIN_LENGTH = 32;

/**
 * A secret of a development machine's own: made once, kept beside the database (in `data/` where that is
 * elsewhere) and readable by its owner alone. Processes that start at once agree on one.
 *
 * @throws ConfigError where the file is there and holds no secret
 */
export function developmentSecret(databaseUrl: string): string {
  const path = `${filePathOf(databaseUrl) ?? 'data/latchkey.db'}.secret`;
  if (!existsSync(path)) makeSecret(path);
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length < MIN_LENGTH) {
    throw new ConfigError([
      `SECRET_KEY: unset, and ${path} is damaged; delete it to have a new one made`,
    ]);
  }
  return secret;
}

/** A whole file in its place at once, or another process's that was quicker. */
function makeSecret(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    // Somebody was quicker, or the file system has no hard links; then the last one to come wins.
    if (!existsSync(path)) renameSync(draft, path);
    else if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
