import { realpathSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../core/log.ts';
import { filePathOf } from '../databases/libsql.ts';

const READABLE_BY_GROUP_OR_OTHERS = 0o044;
const READABLE_BY_OTHERS = 0o004;
/** The folder where Docker, Podman and Swarm mount secrets. Every user of the container can read them. */
const CONTAINER_SECRETS = '/run/secrets/';

/**
 * Logs a warning if other users of the machine can read the database or a secret file. Does nothing on Windows, which
 * has no such file modes.
 */
export function warnOfExposedFiles(
  { databaseUrl, secretFiles }: Pick<Config, 'databaseUrl' | 'secretFiles'>,
  log: Logger,
): void {
  if (platform() === 'win32') return;
  const warn = (event: string, files: readonly string[]): void => {
    if (files.length > 0) log.warn(event, { files: files.join(' '), cure: 'chmod 600' });
  };
  const database = filePathOf(databaseUrl);
  const parts = database === undefined ? [] : ['', '-wal', '-shm'].map((end) => database + end);
  warn(
    'database_readable_by_others',
    parts.filter((file) => hasMode(file, READABLE_BY_GROUP_OR_OTHERS)),
  );
  warn(
    'secret_readable_by_others',
    secretFiles.filter((file) => hasMode(file, READABLE_BY_OTHERS) && !isMounted(file)),
  );
}

const hasMode = (file: string, bits: number): boolean =>
  ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & bits) !== 0;

const isMounted = (file: string): boolean => realpathSync(file).startsWith(CONTAINER_SECRETS);
