import { z } from 'zod';
import { openConnection } from '../../databases/embedded/connection.ts';

/** The passwords of a dump, which may have the table of passwords before that of accounts. */
export interface DumpPasswords {
  /** @param password as bytes in Latin-1; null for none */
  add(userId: string, password: string | null): void;
  /** Returns each password of an account: none, one, or by mistake more. */
  of(userId: string): (string | null)[];
  close(): void;
}

/** SQLite's name of a database of this connection: in memory while it is small, else in a deleted file. */
const TEMPORARY = '';

/** As one row, which takes less memory than a list of rows. */
const LIST = 'SELECT json_group_array(password) FROM passwords WHERE user_id = ?';
const passwords = z.array(z.string().nullable());

/** Stores passwords on the disk, so that the memory does not grow with their number. */
export function createDumpPasswords(): DumpPasswords {
  const connection = openConnection(TEMPORARY, 'number');
  connection.script('CREATE TABLE passwords (user_id TEXT NOT NULL, password TEXT)');
  let isComplete = false;

  function complete(): void {
    if (isComplete) return;
    isComplete = true;
    connection.script('CREATE INDEX passwords_user ON passwords (user_id)');
    connection.execute('COMMIT');
  }

  connection.begin('write');
  return {
    add(userId, password) {
      connection.execute({ sql: 'INSERT INTO passwords VALUES (?, ?)', args: [userId, password] });
    },
    of(userId) {
      complete();
      const [list] = connection.first(LIST, [userId]) ?? [];
      return passwords.parse(JSON.parse(String(list)));
    },
    close: () => connection.close(),
  };
}
