import { nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { FileStore } from '../../core/ports.ts';

/** Tries the store of pictures, and logs a warning if it cannot be used. Never rejects. */
export async function tryStore(files: Pick<FileStore, 'check'>, log: Logger): Promise<void> {
  try {
    await files.check();
  } catch (error) {
    const reason = error instanceof Error ? error.message : nameOf(error);
    const cure =
      'check that AVATARS names a folder that the server may write to, or a bucket that exists, its region and keys; see docs/avatars.md. Until then, uploads fail';
    log.warn('avatars_unavailable', { error: nameOf(error), reason, cure });
  }
}
