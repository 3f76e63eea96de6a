import { closeSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeError } from '../../../core/db/database.ts';
import { CommandError } from '../../../core/errors.ts';
import { draftOf, publishDraft } from '../../ports/draft.ts';

/** Where a report is written, part by part. */
export interface Sink {
  write(text: string): Promise<void>;
  /** Completes it. */
  end(): Promise<void>;
}

const FLUSH_LENGTH = 65_536;

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
 * A file that only its owner can read. It has another name until it is complete, and is removed if it does not become
 * so.
 *
 * @throws CommandError if it exists or cannot be written
 */
export function createReportFile(path: string): Sink {
  const whole = resolve(path);
  const draft = draftOf(whole);
  const remove = () => rmSync(draft, { force: true });
  const failed = (error: unknown) =>
    error instanceof CommandError
      ? error
      : new CommandError(`${whole} cannot be written: ${describeError(error)}`);
  if (lstatSync(whole, { throwIfNoEntry: false })) throw exists(whole);
  const file = attempt(() => openSync(draft, 'wx', 0o600));
  process.once('exit', remove);
  let waiting = '';

  function attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw failed(error);
    }
  }
  const flush = () => {
    const bytes = Buffer.from(waiting);
    waiting = '';
    for (let at = 0; at < bytes.length; ) at += attempt(() => writeSync(file, bytes, at));
  };
  return {
    async write(text) {
      waiting += text;
      if (waiting.length >= FLUSH_LENGTH) flush();
    },
    async end() {
      flush();
      closeSync(file);
      if (!attempt(() => publishDraft(draft, whole))) throw exists(whole);
      process.off('exit', remove);
    },
  };
}

const exists = (path: string): CommandError =>
  new CommandError(`${path} exists. A report does not replace files.`);
