import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandError } from '../../../core/errors.ts';
import { codeOfError } from '../error-code.ts';

/** A file that was there, and could be read, when it was opened. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Its first bytes, at most 4096. */
  readonly start: Uint8Array;
}

const START_BYTES = 4096;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'cannot be read: this user has no permission',
  EPERM: 'cannot be read: this user has no permission',
};

/** @throws CommandError that names the file, if it is missing, empty, unreadable or no file */
export function openSourceFile(name: string): SourceFile {
  const path = resolve(name);
  const { size, start } = attempt(path, () => {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new CommandError(`${path} is a folder. Name a file.`);
    if (!stats.isFile()) throw new CommandError(`${path} is not a regular file.`);
    return { size: stats.size, start: readStart(path) };
  });
  if (size === 0) throw new CommandError(`${path} is empty.`);
  return { path, size, start };
}

/** Returns the error for a file that cannot be read. */
export function fileFailure(path: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const code = codeOfError(error);
  return new CommandError(`${path} ${REASONS[code] ?? `cannot be read (${code})`}.`);
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileFailure(path, error);
  }
}

function readStart(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(START_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, START_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
