import { openLibsql } from '../databases/libsql.ts';
import { readDatabaseConfig } from '../ports/environment.ts';
import { rejectArguments, runCommand } from './command.ts';

await runCommand({
  purpose: 'Brings the database of DATABASE_URL up to date.',
  async run(args) {
    rejectArguments(args);
    const database = await openLibsql(readDatabaseConfig());
    try {
      await database.migrate();
      console.log('The database is up to date.');
    } finally {
      database.close();
    }
  },
});
