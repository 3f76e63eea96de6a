import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { checkFile, checkKey, MAX_FILE_BYTES } from '../../core/files.ts';
import type { FileStore } from '../../core/ports.ts';
import { filePathOf } from '../databases/libsql.ts';
import { draftOf } from './draft.ts';

/** In a folder of their own, which no key can name, so that left-over drafts are found without listing every file. */
const DRAFTS = '.drafts';
/** Writing a file takes far less. */
const DRAFT_LIFETIME_MS = 60_000;

/** The folder of avatars beside the database file; in the working directory if the database is a server. */
export function defaultAvatarFolder(databaseUrl: string): string {
  const database = filePathOf(databaseUrl);
  return join(database === undefined ? '.' : dirname(database), 'avatars');
}

/**
 * Stores files in a folder. Creates it when the first file is stored; only this user can read it. A file is written
 * beside the others, flushed to disk and renamed. Symbolic links are not followed.
 */
export function createFolderStore(folder: string): FileStore {
  const drafts = join(folder, DRAFTS);
  return {
    async put(key, file) {
      checkFile(key, file);
      await mkdir(drafts, { recursive: true, mode: 0o700 });
      await removeOldDrafts(drafts);
      const draft = draftOf(join(drafts, key));
      try {
        await write(draft, file.bytes);
        await rename(draft, join(folder, key));
      } finally {
        await rm(draft, { force: true });
      }
      await syncFolder(folder);
    },

    async get(key) {
      checkKey(key);
      const path = join(folder, key);
      const found = await lstat(path).catch(ignoreMissing);
      if (!found?.isFile()) return undefined;
      if (found.size > MAX_FILE_BYTES) throw new RangeError('The stored file is too long');
      const bytes = await readFile(path).catch(ignoreMissing);
      return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },

    async delete(key) {
      checkKey(key);
      await rm(join(folder, key), { force: true });
      await syncFolder(folder).catch(ignoreMissing);
    },
  };
}

/** The handler of an error because a file or folder does not exist. @throws any other error */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the entries of a folder to disk. Windows cannot. */
async function syncFolder(path: string): Promise<void> {
  if (platform() === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes the drafts of processes that have ended while they were writing. */
async function removeOldDrafts(drafts: string): Promise<void> {
  for (const name of await readdir(drafts)) {
    const path = join(drafts, name);
    const found = await lstat(path).catch(ignoreMissing);
    if (found && Date.now() - found.mtimeMs > DRAFT_LIFETIME_MS) await rm(path, { force: true });
  }
}
