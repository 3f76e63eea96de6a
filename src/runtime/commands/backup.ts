import { resolve } from 'node:path';
import { CommandError } from '../../core/errors.ts';
import { formatSize, sizeOf } from '../databases/file-size.ts';
import { readDatabaseConfig } from '../ports/environment.ts';
import { ArgumentError, runCommand } from './command.ts';
import { copyDatabase } from './copy-database.ts';
import { existingFile } from './database-file.ts';

const PURPOSE = `Backs the database of DATABASE_URL up to a new file, while servers go on reading and writing.

  npm run db:backup -- FILE

FILE is a whole database, checked, readable by its owner alone. Keep SECRET_KEY as well, elsewhere: it is
not in there, and the signing keys that are in there open by nothing else. How to put a backup back:
docs/operations.md.`;

const NOT_A_FILE = `Only a \`file:\` database is backed up by this command. A server makes its own:
  Turso            turso db shell NAME .dump > FILE.sql
  a libSQL server  turso db shell http://HOST .dump > FILE.sql
  D1               npx wrangler d1 export DB --remote --output FILE.sql`;

await runCommand({
  purpose: PURPOSE,
  async run(args) {
    const [file, ...more] = args;
    if (!file || file.startsWith('-') || more.length > 0) {
      throw new ArgumentError('Say `npm run db:backup -- FILE`. Try --help.');
    }
    const from = existingFile(readDatabaseConfig().databaseUrl);
    if (from === undefined) throw new CommandError(NOT_A_FILE);
    const to = resolve(file);
    const total = formatSize(sizeOf(from) + sizeOf(`${from}-wal`));
    console.log(`Copying ${from}, ${total} at most.`);
    await copyDatabase(from, to, {
      onProgress: (bytes) =>
        console.log(bytes < 0 ? 'Checking the copy.' : `${formatSize(bytes)} of ${total}`),
    });
    console.log(`The backup is ${to}, ${formatSize(sizeOf(to))}. Its integrity has been checked.`);
  },
});
