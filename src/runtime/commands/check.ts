import { CommandError } from '../../core/errors.ts';
import { formatSize, sizeOf } from '../databases/file-size.ts';
import { refuseForeignFile } from '../databases/foreign-database.ts';
import { connect } from '../databases/libsql.ts';
import { readDatabaseConfig } from '../ports/environment.ts';
import { checkDatabase } from './check-database.ts';
import { type Command, runsOnDatabase } from './command.ts';
import { existingFile } from './database-file.ts';

const PURPOSE = `Checks the integrity and the migrations of the database at DATABASE_URL. Read-only; servers keep running.

The exit code is 0 if all is in order, otherwise 1. For D1: npx wrangler d1 migrations list DB --remote.`;

/** `latchkey check` */
export const check: Command = {
  name: 'check',
  summary: 'Check the integrity and the migrations of the database.',
  purpose: PURPOSE,
  define: (parser) => runsOnDatabase(parser, run),
};

async function run(): Promise<void> {
  const settings = readDatabaseConfig();
  const path = existingFile(settings.databaseUrl);
  if (path !== undefined) refuseForeignFile(path);
  const client = connect(settings);
  try {
    if (path !== undefined) line('database', describeFile(path));
    // Fails early, so that an unreachable server is reported in one line and not in five.
    await client.execute('SELECT count(*) FROM sqlite_schema');
    const findings = await checkDatabase(client);
    for (const { about, text } of findings) line(about, text);
    const bad = findings.filter(({ isGood }) => !isGood).map(({ about }) => about);
    if (bad.length > 0) throw new CommandError(`Not in order: ${bad.join(', ')}.`);
    console.log('The database is in order.');
  } finally {
    client.close();
  }
}

function line(about: string, text: string): void {
  console.log(`${about.padEnd(12)} ${text}`);
}

function describeFile(path: string): string {
  const log = sizeOf(`${path}-wal`);
  return `${path}, ${formatSize(sizeOf(path))}${log > 0 ? `, and ${formatSize(log)} in its -wal` : ''}`;
}
