import { closeSync, lstatSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describeError } from '../../core/db/database.ts';
import { CommandError } from '../../core/errors.ts';
import { sizeOf } from '../databases/file-size.ts';
import { draftOf, publishDraft } from '../ports/draft.ts';

const PROGRESS_MS = 2000;

/** Explains driver and file system errors to the operator. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/SQLITE_NOTADB/, 'it is not a database'],
  [/SQLITE_CORRUPT/, 'it is damaged; `latchkey check` says more'],
  [/SQLITE_BUSY/, 'another process has locked it'],
  [/SQLITE_FULL|ENOSPC|EFBIG|EDQUOT/, 'there is no room left for it'],
  [/SQLITE_IOERR/, 'the disk does not take it; it may be full'],
  [/EACCES|EPERM|EROFS/, 'nothing may be written there'],
  [/ENOTDIR|EEXIST/, 'a part of its path is no folder'],
];

interface CopyOptions {
  /** Called every two seconds with the size of the copy in bytes; -1 while the copy is checked. */
  onProgress(bytes: number): void;
}

/**
 * Copies a consistent snapshot of a database while other processes read and write it. Writes a draft beside the path,
 * checks it, flushes it to disk, and moves it into place. The copy is readable only by its owner. Creates missing
 * folders.
 *
 * @throws CommandError if the path already exists or the copy fails; in both cases no draft remains
 */
export async function copyDatabase(
  from: string,
  to: string,
  { onProgress }: CopyOptions,
): Promise<void> {
  const draft = createDraft(to);
  const interrupt = () => {
    removeDraft(draft);
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    await runThread({ from, to: draft }, onProgress);
    if (!publishDraft(draft, to)) throw alreadyThere(to);
  } catch (error) {
    throw error instanceof CommandError ? error : failure(`${from} cannot be copied`, error);
  } finally {
    removeDraft(draft);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

/** Removes a draft, and the journal that SQLite may leave beside one that it could not complete. */
function removeDraft(draft: string): void {
  for (const path of [draft, `${draft}-journal`]) rmSync(path, { force: true });
}

const alreadyThere = (path: string): CommandError =>
  new CommandError(`${path} already exists. A backup does not replace files.`);

/** Creates an empty file, which SQLite accepts as the target of a copy. */
function createDraft(path: string): string {
  const draft = draftOf(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (lstatSync(path, { throwIfNoEntry: false })) throw alreadyThere(path);
    closeSync(openSync(draft, 'wx', 0o600));
    return draft;
  } catch (error) {
    throw error instanceof CommandError ? error : failure(`${path} cannot be written`, error);
  }
}

function runThread(
  task: { readonly from: string; readonly to: string },
  onProgress: CopyOptions['onProgress'],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isCopied = false;
    const progress = setInterval(() => onProgress(isCopied ? -1 : sizeOf(task.to)), PROGRESS_MS);
    const thread = new Worker(new URL('./copy-thread.js', import.meta.url), { workerData: task });
    thread.once('message', () => {
      isCopied = true;
    });
    thread.once('error', reject);
    thread.once('exit', () => {
      clearInterval(progress);
      resolve();
    });
  });
}

function failure(what: string, error: unknown): CommandError {
  const words = describeError(error);
  const [, reason = words] = REASONS.find(([pattern]) => pattern.test(words)) ?? [];
  return new CommandError(`${what}: ${reason}.`);
}
