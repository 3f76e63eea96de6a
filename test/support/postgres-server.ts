import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { freePort } from './free-port.ts';
import { fixture } from './source-room.ts';

/** PostgreSQL in this process. Accepts one connection at a time. */
export interface PostgresServer {
  readonly url: string;
  /** Runs statements, as the owner of the database. */
  run(sql: string): Promise<void>;
  /** Ends its connections, and accepts no others. */
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  const db = await PGlite.create();
  const port = await freePort();
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1' });
  await server.start();
  return {
    url: `postgres://postgres:s3cr3t-pw@127.0.0.1:${port}/postgres`,
    async run(sql) {
      await db.exec(sql);
    },
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}

/** Returns the statements that create the table of the phone backend, with its rows. */
export function kpaStatements(): string {
  const dump = readFileSync(fixture('kpa.sql'), 'utf8');
  const [table = ''] = /CREATE TABLE public\.users [\s\S]*?;/.exec(dump) ?? [];
  const [, rows = ''] = /FROM stdin;\n([\s\S]*?)\n\\\./.exec(dump) ?? [];
  const values = rows.split('\n').map((row) => {
    const fields = row.split('\t').map((field) => (field === '\\N' ? 'NULL' : `'${field}'`));
    return `(${fields.join(', ')})`;
  });
  return `${table} INSERT INTO users VALUES ${values.join(', ')};`.replaceAll('public.', '');
}
