import { nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { FileStore } from '../../core/ports.ts';
import type { AvatarStore } from './store.ts';

/** Files per run. Each is a request to a bucket, of which a Worker may send few. */
const MAX_PER_RUN = 100;
/** Files that are deleted at a time. */
const AT_A_TIME = 5;
const CURE_ELSEWHERE =
  'these pictures stay public until a server with their store deletes them; see "Move to another store" in docs/avatars.md';

/**
 * Deletes the files of pictures that no account shows, each before its row. Those of another store stay with their rows,
 * for a server that has that store.
 */
export interface AvatarSweeper {
  /** Deletes at most `limit` pictures. Returns their number. Failures are logged, and the next run retries. */
  sweep(limit: number): Promise<number>;
  /** The same, of one account. */
  sweepAccount(userId: number): Promise<void>;
}

interface SweeperParts {
  readonly avatars: Pick<AvatarStore, 'due' | 'dueByStore' | 'drop' | 'postpone'>;
  /** Without it, nothing is deleted. */
  readonly files: Pick<FileStore, 'id' | 'delete'> | undefined;
  readonly log: Logger;
}

export function createAvatarSweeper({ avatars, files, log }: SweeperParts): AvatarSweeper {
  /** Deletes pictures of one store. Returns the number of those that it has deleted. */
  async function remove(store: Pick<FileStore, 'delete'>, due: readonly string[]): Promise<number> {
    let removed = 0;
    for (let at = 0; at < due.length; at += AT_A_TIME) {
      const keys = due.slice(at, at + AT_A_TIME);
      const outcomes = await Promise.allSettled(keys.map((key) => store.delete(key)));
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
    async sweep(limit) {
      if (!files) return 0;
      const counts = await avatars.dueByStore();
      // A folder gets its id, and is created, when there is something to store.
      if (counts.length === 0) return 0;
      const id = await files.id();
      const others = counts.filter(({ store }) => store !== id);
      if (others.length > 0) {
        const count = others.reduce((sum, other) => sum + other.count, 0);
        log.warn('avatars_elsewhere', { count, cure: CURE_ELSEWHERE });
      }
      return remove(files, await avatars.due(id, Math.min(limit, MAX_PER_RUN)));
    },

    async sweepAccount(userId) {
      if (!files) return;
      await remove(files, await avatars.due(await files.id(), MAX_PER_RUN, userId));
    },
  };
}
