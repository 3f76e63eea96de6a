import { runCommand } from './command.ts';
import { readDatabaseConfig } from './environment.ts';
import { openLibsql } from './libsql.ts';

await runCommand('Brings the database of DATABASE_URL up to date. Settings:', async () => {
  const database = await openLibsql(readDatabaseConfig());
  try {
    await database.migrate();
    console.log('The database is up to date.');
  } finally {
    database.close();
  }
});
