import { resolve } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { pingDatabase } from '../../../core/db/database.ts';
import { prepareAccountsExport } from '../../../features/export/accounts.ts';
import { openLibsql, servingOptions } from '../../databases/libsql.ts';
import { requireNewFile, writeToFile, writeToOutput } from '../../ports/output.ts';
import { callerOfProgram, operatorName } from '../users/operator.ts';
import { type Format, textOf } from './format.ts';
import { createProgress, type ProgressOutput } from './progress.ts';

export interface ExportUsersOptions {
  readonly to: Format;
  readonly file?: string;
  readonly operator?: string;
  readonly yes?: boolean;
}

/** Writes all accounts of a database with their hashes, to standard output or to a file. */
export async function exportUsers(
  settings: Pick<Config, 'databaseUrl' | 'databaseAuthToken'>,
  { to: format, file, operator = operatorName(), yes = false }: ExportUsersOptions,
  terminal: ProgressOutput = process.stderr,
): Promise<void> {
  const path = file === undefined ? undefined : resolve(file);
  if (path !== undefined) requireNewFile(path, yes);
  const database = await openLibsql(settings, servingOptions());
  try {
    await pingDatabase(database.db);
    const all = await prepareAccountsExport({ db: database.db, clock: Date.now });
    const progress = createProgress(all.total, terminal);
    const pages = all.pages({ operator, format, caller: callerOfProgram() });
    let written = 0;
    const text = textOf(format, pages, (count) => {
      written += count;
      progress.add(count);
    });
    try {
      await (path === undefined ? writeToOutput(text) : writeToFile(text, path, yes));
    } finally {
      progress.end();
    }
    if (path !== undefined) {
      console.log(`Exported: ${written} ${written === 1 ? 'account' : 'accounts'} to ${path}`);
    }
  } finally {
    database.close();
  }
}
