import { openLibsql } from '../databases/libsql.ts';
import { readDatabaseConfig } from '../ports/environment.ts';
import { type Command, runsOnDatabase } from './command.ts';

/** `latchkey migrate` */
export const migrate: Command = {
  name: 'migrate',
  summary: 'Apply all missing migrations.',
  purpose:
    'Applies all missing migrations to the database at DATABASE_URL. A server migrates a database file itself at every start.',
  define: (parser) =>
    runsOnDatabase(parser, async () => {
      const database = await openLibsql(readDatabaseConfig());
      try {
        await database.migrate();
        console.log('The database is up to date.');
      } finally {
        database.close();
      }
    }),
};
