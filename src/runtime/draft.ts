import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';

/** A name beside a file that no other process chooses, to write the file under until it is whole. */
export const draftOf = (path: string): string => `${path}.${randomBytes(8).toString('hex')}.draft`;

/**
 * Moves a draft to its path, whole and on the disk. Replaces no file: moves by a hard link, or by the name
 * alone where the file system has none. The draft is gone in either case.
 *
 * @returns false where there is a file already
 * @throws the error of the file system
 */
export function publishDraft(draft: string, path: string): boolean {
  try {
    sync(draft, 'r+');
    try {
      linkSync(draft, path);
    } catch {
      if (lstatSync(path, { throwIfNoEntry: false })) return false;
      renameSync(draft, path);
    }
    if (platform() !== 'win32') sync(dirname(path), 'r');
    return true;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Brings a file, or the names in a folder, to the disk. */
function sync(path: string, mode: 'r' | 'r+'): void {
  const file = openSync(path, mode);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
