import { resolve } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { pingDatabase } from '../../../core/db/database.ts';
import { prepareAccountsExport } from '../../../features/export/accounts.ts';
import { openLibsql, servingOptions } from '../../databases/libsql.ts';
import { requireNewFile, writeToFile, writeToOutput } from '../../ports/output.ts';
import { createProgress, type ProgressStream } from '../progress.ts';
import { callerOfProgram, operatorName } from '../users/operator.ts';
import { type Format, textOf } from './format.ts';

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
  terminal: ProgressStream = process.stderr,
): Promise<void> {
  const path = file === undefined ? undefined : resolve(file);
  if (path !== undefined) requireNewFile(path, yes);
  const database = await openLibsql(settings, servingOptions());
  try {
    await pingDatabase(database.db);
    const all = await prepareAccountsExport({ db: database.db, clock: Date.now });
    const progress = createProgress({
      ...{ stream: terminal, total: all.total },
      clock: () => performance.now(),
    });
    const pages = all.pages({ operator, format, caller: callerOfProgram() });
    let written = 0;
    const text = textOf(format, pages, (count) => {
      written += count;
      progress.update(written, written);
    });
    try {
      await (path === undefined ? writeToOutput(text) : writeToFile(text, path, yes));
    } finally {
      progress.clear();
    }
    if (path !== undefined) {
      console.log(`Exported: ${written} ${written === 1 ? 'account' : 'accounts'} to ${path}`);
    }
  } finally {
    database.close();
  }
}
