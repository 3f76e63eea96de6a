import { CommanderError, Command as Parser } from 'commander';
import { describeSettings } from '../../config/describe-settings.ts';
import type { SettingsReader } from '../../config/setting.ts';
import { describeError, isDatabaseUnavailable, isNotMigrated } from '../../core/db/database.ts';
import { CommandError, ConfigError } from '../../core/errors.ts';
import { printableLines } from '../../core/text.ts';
import { VERSION } from '../../core/version.ts';
import { readMisspelledSettings } from '../ports/environment.ts';

/** A command of the program. */
export interface Command {
  readonly name: SettingsReader;
  /** One line in the list of commands. */
  readonly summary: string;
  /** What the command does, for its own `--help`. */
  readonly purpose: string;
  /** The arguments as the user writes them, shown after a usage error. */
  readonly usage?: string;
  /** Declares the arguments and the function that runs with them. */
  define(parser: Parser): void;
}

/** The exit code for arguments that a command does not accept, as documented in `docs/operations.md`. */
const USAGE_EXIT_CODE = 2;

/** Replaces the usage errors of Commander with the words of this program. */
const PLAIN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown option '(.*?)'/, 'Unknown argument: $1'],
  [/^error: unknown command '(.*?)'/, 'Unknown command: $1'],
  [/^error: missing required argument '(.*?)'/, 'Missing argument: $1'],
  [/^error: required option '(\S+).*?' not specified/, 'Missing argument: $1'],
  // The value itself is not repeated.
  [/^error: (?:option|command-argument) .* is invalid\b[^.]*\. /s, ''],
];

/** Runs the command that the arguments of this process name. Has the same exit codes as {@link runCommand}. */
export function runProgram(commands: readonly Command[]): Promise<void> {
  const program = createParser('latchkey')
    .description('Accounts and profiles as one small HTTP API.')
    .version(VERSION, '-V, --version', 'Show the version.')
    .helpCommand('help [command]', 'Show the help of a command.')
    .addHelpText('after', '\nlatchkey COMMAND --help lists the settings that a command reads.')
    .showHelpAfterError('Try: latchkey --help');
  for (const command of commands) define(program.command(command.name), command);
  return parse(program);
}

/**
 * Runs a single command whose settings come from the environment; `--help` lists them. On an error, explains it on
 * standard error and exits with 1, or with 2 for arguments that the command does not accept.
 */
export const runCommand = (command: Command): Promise<void> =>
  parse(define(createParser(`latchkey ${command.name}`), command));

/** Declares the function that a parser runs. Rejects further arguments. */
export function runs<Args extends unknown[]>(
  parser: Parser,
  run: (...args: Args) => Promise<void>,
): void {
  parser.allowExcessArguments().action(async (...args: Args) => {
    const { args: given, registeredArguments: known } = parser;
    const unknown = known.at(-1)?.variadic ? undefined : given[known.length];
    if (unknown !== undefined) parser.error(`Unknown argument: ${unknown}`);
    // Makes the files that are created here, above all the database, accessible only to the user who runs the command.
    process.umask(0o077);
    await run(...args);
  });
}

/** Declares the function that a command other than `serve` runs. Warns of misspelled settings before it runs. */
export const runsOnDatabase = <Args extends unknown[]>(
  parser: Parser,
  run: (...args: Args) => Promise<void>,
): void =>
  runs<Args>(parser, (...args) => {
    for (const hint of readMisspelledSettings()) console.error(`Unknown setting ${hint}`);
    return run(...args);
  });

/** Adds the settings that a command reads to its help. */
export const listSettings = (parser: Parser, reader: SettingsReader): Parser =>
  parser.addHelpText(
    'after',
    `\nSettings, by environment variables or a .env file:\n\n${describeSettings(reader)}`,
  );

function define(parser: Parser, { name, summary, purpose, usage = '', define }: Command): Parser {
  listSettings(parser, name)
    .summary(summary)
    .description(purpose)
    .showHelpAfterError(`Usage: latchkey ${name} ${usage}`.trimEnd());
  define(parser);
  return parser;
}

/** Creates a parser that throws instead of exiting. Its subcommands behave in the same way. */
const createParser = (name: string): Parser =>
  new Parser(name)
    .helpOption('-h, --help', 'Show this help.')
    .exitOverride()
    .configureOutput({
      // Unlike a stream, the console ignores that a reader such as `head` has exited.
      writeOut: (text) => console.log(text.trimEnd()),
      // Text of files and databases may be in it.
      writeErr: (text) => console.error(printableLines(text.trimEnd())),
      outputError: (text, write) => write(inPlainWords(text)),
    });

function inPlainWords(text: string): string {
  const [pattern, words] = PLAIN_WORDS.find(([known]) => known.test(text)) ?? [/^error: /, ''];
  return text.replace(pattern, words);
}

async function parse(program: Parser): Promise<void> {
  try {
    await program.parseAsync(process.argv.slice(2), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      console.error(printableLines(explain(error)));
      process.exit(1);
    }
    // Commander has already written the help, the version or the error.
    if (error.exitCode !== 0) process.exit(USAGE_EXIT_CODE);
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof CommandError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES')
    return 'Permission denied for the port or a file. For the port, set PORT to 1024 or higher.';
  if (isNotMigrated(error))
    return 'The database is not up to date. Run `latchkey migrate` (`npm run db:migrate`) on it.';
  // Commands send requests only to the database.
  const isUnreachable = error instanceof TypeError && error.message === 'fetch failed';
  if (isUnreachable || isDatabaseUnavailable(error))
    return `DATABASE_URL: the database cannot be used: ${describeError(error)}`;
  return `Latchkey cannot go on: ${describeError(error)}`;
}
