import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeError } from '../../core/db/database.ts';
import { CommandError } from '../../core/errors.ts';
import { draftOf, publishDraft } from './draft.ts';

/** The code of a file system error. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;

/** @throws CommandError if the file exists and may not be replaced */
export function requireNewFile(path: string, mayReplace: boolean): void {
  if (!mayReplace && existsSync(path)) throw exists(path);
}

/**
 * Writes a text to standard output, as fast as it is read. A reader such as `head` that exits is no error.
 *
 * @throws CommandError if it cannot be written
 */
export async function writeToOutput(parts: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(parts), process.stdout, { end: false });
  } catch (error) {
    if (systemCodeOf(error) !== 'EPIPE') throw inWords('Standard output', error);
  }
}

/**
 * Writes a draft that only this user can read, flushes it to disk, and moves it to its path once it is complete. The
 * draft does not outlive an error, SIGINT or SIGTERM.
 *
 * @param mayReplace whether to replace a file. Nothing else is ever replaced
 * @throws CommandError if the file exists or cannot be written
 */
export async function writeToFile(
  parts: AsyncIterable<string>,
  path: string,
  mayReplace: boolean,
): Promise<void> {
  const draft = draftOf(path);
  const interrupt = () => {
    rmSync(draft, { force: true });
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present && !present.isFile()) throw new CommandError(`${path} is not a regular file.`);
    const file = await open(draft, 'wx', 0o600);
    await pipeline(Readable.from(parts), file.createWriteStream({ flush: true }));
    if (mayReplace) renameSync(draft, path);
    else if (!publishDraft(draft, path)) throw exists(path);
  } catch (error) {
    throw inWords(path, error);
  } finally {
    rmSync(draft, { force: true });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

/** Explains an error of the file system. Returns other errors as they are, above all those of the database. */
const inWords = (what: string, error: unknown): unknown =>
  systemCodeOf(error) === undefined
    ? error
    : new CommandError(`${what} cannot be written: ${describeError(error)}`);

function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && SYSTEM_CODE.test(code) ? code : undefined;
}

const exists = (path: string): CommandError =>
  new CommandError(`${path} exists. Add --yes to replace it.`);
