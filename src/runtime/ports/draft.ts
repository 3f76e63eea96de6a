import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';

/**
 * Returns a path beside `path` for a file that is being written. Random, so that no other process uses the same path.
 */
export const draftOf = (path: string): string => `${path}.${randomBytes(8).toString('hex')}.draft`;

/**
 * Flushes a complete draft to disk and moves it to its path. Unless it may replace a file, it creates a hard link; on
 * file systems without links, it checks the path and renames the draft. Always removes the draft.
 *
 * @returns false if the path already exists
 * @throws file system errors
 */
export function publishDraft(draft: string, path: string, mayReplace = false): boolean {
  try {
    sync(draft, 'r+');
    if (mayReplace) renameSync(draft, path);
    else if (!linkOrRename(draft, path)) return false;
    if (platform() !== 'win32') sync(dirname(path), 'r');
    return true;
  } finally {
    rmSync(draft, { force: true });
  }
}

function linkOrRename(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
  } catch {
    if (lstatSync(path, { throwIfNoEntry: false })) return false;
    renameSync(draft, path);
  }
  return true;
}

/** Flushes a file, or the entries of a folder, to disk. */
function sync(path: string, mode: 'r' | 'r+'): void {
  const file = openSync(path, mode);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
