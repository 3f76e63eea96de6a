import { closeSync, existsSync, lstatSync, openSync, rmSync, write } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { describeError } from '../../core/db/database.ts';
import { CommandError } from '../../core/errors.ts';
import { draftOf, publishDraft } from './draft.ts';

/** Where a text is written, part by part. */
export interface Sink {
  write(text: string): Promise<void>;
  /** Completes it. */
  end(): Promise<void>;
}

/** A file under another name until it is complete. */
export interface DraftFile extends Sink {
  /** Removes it, unless it is complete. */
  discard(): void;
}

/** Lets signals in between the writes. */
const writeBytes = promisify(write);
const FLUSH_LENGTH = 65_536;
/** The code of a file system error. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;
const HOW_TO_REPLACE = 'Add --yes to replace it.';

/** @throws CommandError if the file exists and may not be replaced */
export function requireNewFile(path: string, mayReplace: boolean): void {
  if (!mayReplace && existsSync(path)) throw exists(path, HOW_TO_REPLACE);
}

/** Standard output. A reader such as `head` may have exited: then the rest is dropped. */
export function createOutput(): Sink {
  let isClosed = false;
  process.stdout.on('error', () => {
    isClosed = true;
  });
  return {
    write: (text) =>
      isClosed
        ? Promise.resolve()
        : new Promise((done) => process.stdout.write(text, () => done())),
    end: async () => {},
  };
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
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    if (code !== 'EPIPE') throw unwritable('Standard output', error);
  }
}

/**
 * Creates a draft that only this user can read. `end` flushes it to disk and moves it to its path. The draft does not
 * outlive an exit of the process.
 *
 * @param mayReplace whether to replace a file. Nothing else is ever replaced
 * @param hint what the error says about a file that exists
 * @throws CommandError if the file exists or cannot be written
 */
export function createDraftFile(
  path: string,
  { mayReplace = false, hint }: { readonly mayReplace?: boolean; readonly hint: string },
): DraftFile {
  const draft = draftOf(path);
  const remove = () => rmSync(draft, { force: true });
  function attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw unwritable(path, error);
    }
  }
  const present = attempt(() => lstatSync(path, { throwIfNoEntry: false }));
  if (present && !present.isFile()) throw new CommandError(`${path} is not a regular file.`);
  if (present && !mayReplace) throw exists(path, hint);
  const file = attempt(() => openSync(draft, 'wx', 0o600));
  process.once('exit', remove);
  let isOpen = true;
  let waiting = '';

  const flush = async () => {
    const bytes = Buffer.from(waiting);
    waiting = '';
    try {
      for (let at = 0; at < bytes.length; ) at += (await writeBytes(file, bytes, at)).bytesWritten;
    } catch (error) {
      throw unwritable(path, error);
    }
  };
  const close = () => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  return {
    async write(text) {
      waiting += text;
      if (waiting.length >= FLUSH_LENGTH) await flush();
    },
    async end() {
      await flush();
      attempt(close);
      if (!attempt(() => publishDraft(draft, path, mayReplace))) throw exists(path, hint);
      process.off('exit', remove);
    },
    discard() {
      close();
      remove();
      process.off('exit', remove);
    },
  };
}

/**
 * Writes a text to a file, as `createDraftFile` does. The draft does not outlive an error, SIGINT or SIGTERM.
 *
 * @throws CommandError if the file exists or cannot be written
 */
export async function writeToFile(
  parts: AsyncIterable<string>,
  path: string,
  mayReplace: boolean,
): Promise<void> {
  const interrupt = () => process.exit(1);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    const file = createDraftFile(path, { mayReplace, hint: HOW_TO_REPLACE });
    try {
      for await (const part of parts) await file.write(part);
      await file.end();
    } finally {
      file.discard();
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && SYSTEM_CODE.test(code) ? code : undefined;
}

const unwritable = (what: string, error: unknown): CommandError =>
  new CommandError(`${what} cannot be written: ${describeError(error)}`);

const exists = (path: string, hint: string): CommandError =>
  new CommandError(`${path} exists. ${hint}`);
