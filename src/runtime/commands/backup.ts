import { resolve } from 'node:path';
import { CommandError } from '../../core/errors.ts';
import { formatSize, sizeOf } from '../databases/file-size.ts';
import { readDatabaseConfig } from '../ports/environment.ts';
import { type Command, runsOnDatabase } from './command.ts';
import { copyDatabase } from './copy-database.ts';
import { existingFile } from './database-file.ts';

const PURPOSE = `Backs up the database file at DATABASE_URL to a new file, while servers read and write it.

${[
  'FILE is a complete database, checked, and readable only by its owner.',
  'Back up SECRET_KEY as well, elsewhere: FILE does not contain it, and only SECRET_KEY decrypts the signing keys in FILE.',
  'How to restore: docs/operations.md.',
].join(' ')}`;

const NOT_A_FILE = `Only a \`file:\` database is backed up by this command. A server makes its own:
  Turso            turso db shell NAME .dump > FILE.sql
  a libSQL server  turso db shell http://HOST .dump > FILE.sql
  D1               npx wrangler d1 export DB --remote --output FILE.sql`;

/** `latchkey backup FILE` */
export const backup: Command = {
  name: 'backup',
  summary: 'Back up a database file.',
  purpose: PURPOSE,
  usage: 'FILE',
  define(parser) {
    parser.argument('<FILE>', 'Path of the backup. No file may exist there.');
    runsOnDatabase(parser, async (file: string) => {
      if (file === '') parser.error('Missing argument: FILE');
      const from = existingFile(readDatabaseConfig().databaseUrl);
      if (from === undefined) throw new CommandError(NOT_A_FILE);
      const to = resolve(file);
      const total = formatSize(sizeOf(from) + sizeOf(`${from}-wal`));
      console.log(`Copying ${from}, ${total} at most.`);
      await copyDatabase(from, to, {
        onProgress: (bytes) =>
          console.log(bytes < 0 ? 'Checking the copy.' : `${formatSize(bytes)} of ${total}`),
      });
      console.log(
        `The backup is ${to}, ${formatSize(sizeOf(to))}. Its integrity has been checked.`,
      );
    });
  },
};
