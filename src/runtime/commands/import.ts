import { ArgumentError } from '../../core/errors.ts';
import { readImportConfig } from '../ports/environment.ts';
import { FORMS_HELP } from '../sources/forms.ts';
import type { SourceKind } from '../sources/kind.ts';
import { type Command, runsOnDatabase } from './command.ts';
import { declareOptions, type GivenOptions, optionsOf } from './import/options.ts';
import { run } from './import/run.ts';

const PURPOSE = `Imports the accounts of another system into the database at DATABASE_URL. Servers keep running.

A run goes through the source in its order and stops at the first clash, such as an address that two accounts have; --skip-clashes and --resolve decide about them. Begin with --dry-run. Started again, it goes on: each account is imported once.

The exit code is 0, 1 for a failure, 2 for invalid arguments, 3 for clashes that nothing decides, 130 after Ctrl-C, 143 after SIGTERM.`;

/** `latchkey import KIND --from FORM` */
export const importAccounts: Command = {
  name: 'import',
  summary: 'Import the accounts of another system.',
  purpose: PURPOSE,
  usage: 'KIND --from FORM [--dry-run]',
  define(parser) {
    declareOptions(parser).addHelpText('after', `\n${FORMS_HELP}`);
    runsOnDatabase(parser, async (kind: SourceKind, given: GivenOptions) => {
      try {
        const options = optionsOf(parser, kind, given);
        await run(options, readImportConfig(options.d1 === undefined));
      } catch (error) {
        if (error instanceof ArgumentError) parser.error(error.message);
        throw error;
      }
    });
  },
};
