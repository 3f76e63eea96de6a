import { Option, type Command as Parser } from 'commander';
import { readDatabaseConfig } from '../ports/environment.ts';
import { type Command, listSettings, runsOnDatabase } from './command.ts';
import { existingFile } from './database-file.ts';
import { FORMATS } from './export/format.ts';
import { type ExportUsersOptions, exportUsers } from './export/users.ts';
import { withOperator } from './users/subcommand.ts';

const PURPOSE = `Writes all accounts of the database at DATABASE_URL with their password hashes, for another system. Servers keep running. The audit log records each export, with the operator.

The result is a secret: anybody who has it can try passwords without limit.

csv has one account per line, after a line of names (RFC 4180, UTF-8). It is data for programs: text that a spreadsheet takes for a formula stays as it is. ndjson has one JSON object per line. The hashes keep their form: docs/hash-format.md.

Disabled accounts are included; accounts that are created meanwhile are not. For D1: npx wrangler d1 export DB --remote --output FILE.sql

The exit code is 0, 1 for a failure, 2 for invalid arguments or a missing --yes.`;

const USAGE = 'users --to csv|ndjson [--file FILE]';

/** `latchkey export users --to csv|ndjson [--file FILE] [--yes] [--operator NAME]` */
export const exportCommand: Command = {
  name: 'export',
  summary: 'Write all accounts with their password hashes.',
  purpose: PURPOSE,
  usage: USAGE,
  define: defineUsers,
};

function defineUsers(parser: Parser): void {
  const parsed = withOperator(
    listSettings(parser.command('users'), 'export')
      .description('Write all accounts with their password hashes, as CSV or NDJSON.')
      .showHelpAfterError(`Usage: latchkey export ${USAGE}`),
  )
    .addOption(
      new Option('--to <FORMAT>', 'The format.').choices(FORMATS).makeOptionMandatory(true),
    )
    .option('--file <FILE>', 'Write a file that only you can read, instead of standard output.')
    .option('--yes', 'Replace an existing file; show hashes on a terminal.');
  runsOnDatabase(parsed, async (options: ExportUsersOptions) => {
    if (options.file === '') parsed.error('Missing argument: FILE');
    if (options.file === undefined && process.stdout.isTTY && !options.yes) {
      parsed.error(
        'The terminal would show password hashes, which are secrets. Add --file FILE, redirect the output, or add --yes.',
      );
    }
    const settings = readDatabaseConfig();
    existingFile(settings.databaseUrl);
    await exportUsers(settings, options);
  });
}
