import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../../core/errors.ts';

/** A folder in the one for temporary files. Only this user can read it. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes it with its files, except those in use where such files cannot be removed. May be called again. */
  remove(): void;
}

/**
 * Creates a temporary folder. What is left of it when the process exits is removed then. A signal that ends the process
 * skips this: remove the folder once its files are open, since they stay usable.
 *
 * @throws CommandError that names the folder for temporary files
 */
export function createTemporaryFolder(): TemporaryFolder {
  const path = attempt(() => mkdtempSync(join(tmpdir(), 'latchkey-')));
  const remove = () => {
    try {
      rmSync(path, { recursive: true, force: true });
      process.off('exit', remove);
    } catch {
      // In use.
    }
  };
  process.once('exit', remove);
  return { path, remove };
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown error';
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be written (${code})`;
    throw new CommandError(
      `The folder of temporary files, ${tmpdir()}, ${reason}. TMPDIR names another one.`,
    );
  }
}
