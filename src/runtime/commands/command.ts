import { describeSettings } from '../../config/schema.ts';
import { describeError, isNotMigrated } from '../../core/db/database.ts';
import { CommandError, ConfigError } from '../../core/errors.ts';

/** Arguments that a command does not accept. The message is for its user. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

interface Command {
  /** What the command does, and its usage if it accepts arguments. */
  readonly purpose: string;
  /** @throws ArgumentError */
  run(args: readonly string[]): Promise<void>;
}

/**
 * Runs a command whose settings come from the environment; `--help` lists them. Explains an error on standard error
 * and exits with 1, or with 2 for arguments that the command does not accept.
 */
export async function runCommand({ purpose, run }: Command): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(
      `${purpose}\n\nSettings, by environment variables or a .env file:\n\n${describeSettings()}`,
    );
    return;
  }
  // Files created here, above all the database, are accessible only to the user who runs the command.
  process.umask(0o077);
  try {
    await run(args);
  } catch (error) {
    console.error(explain(error));
    process.exit(error instanceof ArgumentError ? 2 : 1);
  }
}

/** @throws ArgumentError for any argument */
export function rejectArguments(args: readonly string[]): void {
  if (args.length > 0) throw new ArgumentError('There is no such argument. Try --help.');
}

function explain(error: unknown): string {
  const isForUser =
    error instanceof ConfigError || error instanceof ArgumentError || error instanceof CommandError;
  if (isForUser) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'The port is in use. Set PORT to another one, or to 0 for any.';
  if (code === 'EACCES')
    return 'The port or a file is not ours to use. Set PORT to 1024 or higher.';
  if (isNotMigrated(error))
    return 'The database is not up to date. Run `npm run db:migrate` against it.';
  return `Latchkey cannot go on: ${describeError(error)}`;
}
