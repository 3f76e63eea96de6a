import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { checkFile, checkKey, MAX_FILE_BYTES } from '../../core/files.ts';
import type { FileStore } from '../../core/ports.ts';
import { filePathOf } from '../databases/libsql.ts';
import { draftOf, publishDraft } from './draft.ts';
import { ignoreMissing } from './ignore-missing.ts';

/** In a folder of their own, which no key can name, so that left-over drafts are found without listing every file. */
const DRAFTS = '.drafts';
/** The file with the id of the folder. No key can name it. */
const MARKER = '.store';
const MARKER_ID = /^[0-9a-f]{32}$/;
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
    async id() {
      const id = (await readMarker(folder)) ?? (await createMarker(folder, drafts));
      return `folder:${id}`;
    },

    check: () => checkWritable(folder),

    async put(key, file) {
      checkFile(key, file);
      await createFolders(drafts);
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

/** Creates the folders that do not exist, and flushes their entries to disk. */
async function createFolders(drafts: string): Promise<void> {
  const first = await mkdir(drafts, { recursive: true, mode: 0o700 });
  for (
    let path = drafts;
    first !== undefined && path.length >= first.length;
    path = dirname(path)
  ) {
    await syncFolder(dirname(path));
  }
}

/** Rejects unless the folder, or the nearest one above it that exists, can be written to. */
async function checkWritable(folder: string): Promise<void> {
  const found = await lstat(folder).catch(ignoreMissing);
  const parent = dirname(folder);
  if (!found && parent !== folder) return checkWritable(parent);
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** Reads the id of the folder; `undefined` if it has none. */
async function readMarker(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, MARKER), 'latin1').catch(ignoreMissing);
  if (text === undefined) return undefined;
  const id = text.trim();
  if (!MARKER_ID.test(id)) throw new Error(`${MARKER} of the folder of AVATARS is damaged`);
  return id;
}

/** Gives the folder an id. Of several processes that do it at once, one wins. */
async function createMarker(folder: string, drafts: string): Promise<string> {
  const id = randomBytes(16).toString('hex');
  await createFolders(drafts);
  const draft = draftOf(join(drafts, 'store'));
  await write(draft, new TextEncoder().encode(`${id}\n`));
  const isFirst = publishDraft(draft, join(folder, MARKER));
  return isFirst ? id : ((await readMarker(folder)) ?? id);
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
