import { nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { FileStore } from '../../core/ports.ts';
import type { AvatarStore } from './store.ts';

/** Files per run. Each is a request to a bucket, of which a Worker may send few. */
const MAX_PER_RUN = 100;
/** Files that are deleted at a time. */
const AT_A_TIME = 5;

/** Deletes the files of pictures that no account shows. Each file is deleted before its row. */
export interface AvatarSweeper {
  /** Deletes at most `limit` pictures. Returns their number. Failures are logged, and the next run retries. */
  sweep(limit: number): Promise<number>;
  /** The same, of one account. */
  sweepAccount(userId: number): Promise<void>;
}

interface SweeperParts {
  readonly avatars: Pick<AvatarStore, 'due' | 'drop' | 'postpone'>;
  /** Without it, nothing is deleted. */
  readonly files: Pick<FileStore, 'delete'> | undefined;
  readonly log: Logger;
}

export function createAvatarSweeper({ avatars, files, log }: SweeperParts): AvatarSweeper {
  async function sweep(limit: number, userId?: number): Promise<number> {
    if (!files) return 0;
    const due = await avatars.due(Math.min(limit, MAX_PER_RUN), userId);
    let removed = 0;
    for (let at = 0; at < due.length; at += AT_A_TIME) {
      const keys = due.slice(at, at + AT_A_TIME);
      const outcomes = await Promise.allSettled(keys.map((key) => files.delete(key)));
      const deleted = keys.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      if (deleted.length > 0) await avatars.drop(deleted);
      removed += deleted.length;
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (!failure) continue;
      log.warn('avatar_not_deleted', {
        count: keys.length - deleted.length,
        error: nameOf(failure.reason),
      });
      await avatars.postpone(keys.filter((key) => !deleted.includes(key)));
      // A store that fails is likely to fail again.
      break;
    }
    return removed;
  }

  return {
    sweep: (limit) => sweep(limit),
    async sweepAccount(userId) {
      await sweep(MAX_PER_RUN, userId);
    },
  };
}
