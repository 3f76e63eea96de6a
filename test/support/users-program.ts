import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, onTestFinished } from 'vitest';
import { runProgram } from './program.ts';
import { emptyFolder } from './server.ts';

type Settings = Record<string, string>;

/** The settings of a database file. */
export const FILE: Settings = {
  DATABASE_URL: 'file:./a.db',
  SECRET_KEY: 'the secret of these accounts',
};
/** Creates the parts of a test: a folder, and `latchkey users` in it. */
export function program(settings: Settings = FILE, folder = emptyFolder()) {
  const users = (...args: string[]) => runProgram('latchkey', ['users', ...args], folder, settings);
  return {
    folder,
    users,
    /** Runs a command that must succeed. Returns the JSON that it prints. */
    async json(...args: string[]) {
      const { status, stdout, stderr } = await users(...args, '--json');
      expect([status, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
      return JSON.parse(stdout);
    },
  };
}

/** Creates a program on a migrated database, without a server. */
export async function migrated(settings: Settings = FILE) {
  const parts = program(settings);
  await runProgram('migrate', [], parts.folder, settings);
  return parts;
}

/** Reads rows of the database file in a folder. */
export async function rowsOf(folder: string, sql: string) {
  const client = createClient({ url: `file:${join(folder, 'a.db')}` });
  onTestFinished(() => client.close());
  return (await client.execute(sql)).rows.map((row) => ({ ...row }));
}

/** Reads the audit events of the database file in a folder: action, actor and detail. */
export const actsIn = async (folder: string) =>
  (await rowsOf(folder, 'SELECT action, actor_id, detail FROM audit_events ORDER BY id')).map(
    ({ action, actor_id, detail }) => [action, actor_id, JSON.parse(String(detail))],
  );
