import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '../../../core/db/database.ts';
import { CommandError } from '../../../core/errors.ts';
import {
  claimName,
  type Holder,
  type SourceIndex,
} from '../../../features/imports/source-index.ts';
import { openConnection, type Statement } from '../../databases/embedded/connection.ts';
import { createTemporaryFolder } from '../../ports/temporary-folder.ts';

/** In kB. Of a file of a million accounts, a part. */
const CACHE_KB = 32_768;
const TABLE = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -${CACHE_KB};
  CREATE TABLE claims (name TEXT PRIMARY KEY, place TEXT NOT NULL, id TEXT NOT NULL) WITHOUT ROWID;`;

/**
 * Opens an index in a temporary SQLite file. The file has no name once it is open, so it disappears with the process.
 * Where a file in use cannot be removed, it is removed at the end.
 */
export function openSourceIndex(): SourceIndex & { close(): void } {
  const folder = createTemporaryFolder();
  const connection = attempt(() => openConnection(join(folder.path, 'index.db'), 'number'));
  attempt(() => connection.script(TABLE));
  folder.remove();
  const execute = (statement: Statement) => attempt(() => connection.execute(statement));
  return {
    async find(claims) {
      const names = [...new Set(claims.map(claimName))].sort();
      const { rows } = execute([
        'SELECT name, place, id FROM claims WHERE name IN (SELECT value FROM json_each(?))',
        [JSON.stringify(names)],
      ]);
      return new Map(
        rows.map(({ name, place, id }): [string, Holder] => [
          String(name),
          { place: String(place), id: String(id) },
        ]),
      );
    },

    async add(claims) {
      const rows = claims.map((claim) => [claimName(claim), claim.place, claim.id]).sort();
      execute([
        'INSERT INTO claims SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)',
        [JSON.stringify(rows)],
      ]);
    },

    close() {
      connection.close();
      folder.remove();
    },
  };
}

/** Says which database it is: not that of the accounts. */
function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CommandError(
      `The temporary index in ${tmpdir()} cannot be used: ${describeError(error)}. TMPDIR names another folder.`,
    );
  }
}
