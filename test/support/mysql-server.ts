import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { createConnection } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import { bareEnvironment, startProcess } from './process.ts';
import { fixture } from './source-room.ts';

/** A MariaDB server of its own, in a temporary folder. */
export interface MysqlServer {
  /** Of the database `app`, for a user who may only read. */
  readonly url: string;
  /** Runs statements in the database `app`, as the administrator. */
  run(...statements: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** The start-up files of Debian are outside of the PATH of some users. */
const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;
const IS_ROOT = process.getuid?.() === 0;

/** Why there is no MySQL for tests, as the end of the run names it; undefined if there is one. */
export const missingMysql: string | undefined =
  spawnSync('mariadbd', ['--version'], { env: { PATH } }).status === 0
    ? undefined
    : 'no mariadbd here (Debian: apt-get install mariadb-server)';

export async function startMysql(): Promise<MysqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mysql-'));
  const [data, port] = [join(folder, 'data'), await freePort()];
  mkdirSync(data);
  const env = { ...bareEnvironment(), PATH };
  const common = ['--no-defaults', `--datadir=${data}`, ...(IS_ROOT ? ['--user=root'] : [])];
  const install = [...common, '--auth-root-authentication-method=normal', '--skip-test-db'];
  const installed = spawnSync('mariadb-install-db', install, { env, encoding: 'utf8' });
  if (installed.status !== 0) throw new Error(`mariadb-install-db: ${installed.stderr}`);
  const server = await startProcess({
    label: 'mariadbd',
    command: 'mariadbd',
    args: [
      ...common,
      ...[`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`],
      ...[`--pid-file=${join(folder, 'pid')}`, '--innodb-buffer-pool-size=32M'],
      ...['--innodb-flush-log-at-trx-commit=0', '--character-set-server=latin1'],
    ],
    cwd: folder,
    env,
    ready: /ready for connections/,
  });

  async function run(...statements: readonly string[]): Promise<void> {
    const admin = { host: '127.0.0.1', port, user: 'root', charset: 'utf8mb4' };
    const connection = await createConnection(admin);
    await connection.query('CREATE DATABASE IF NOT EXISTS app CHARACTER SET utf8mb4');
    await connection.query('USE app');
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  }
  await run(
    "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 's3cr3t-pw'",
    "GRANT SELECT ON app.* TO reader@'127.0.0.1'",
  );
  return {
    url: `mysql://reader:s3cr3t-pw@127.0.0.1:${port}/app`,
    run,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The table of the profile system. */
export const PMS_TABLE = `CREATE TABLE users (id int PRIMARY KEY, email varchar(255) NOT NULL, hashed_password varchar(255) NOT NULL,
  name varchar(255), bio text) CHARACTER SET latin1`;

/** Returns the statements that insert its rows. */
export function pmsRows(): string[] {
  const db = new Database(fixture('pms.db'), { readonly: true });
  const rows: unknown[] = db
    .prepare('SELECT id, email, hashed_password, name, bio FROM users')
    .raw(true)
    .all();
  db.close();
  return rows.map((row) => {
    const values = (Array.isArray(row) ? row : []).map((value) =>
      value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`,
    );
    return `INSERT INTO users VALUES (${values.join(', ')})`;
  });
}
