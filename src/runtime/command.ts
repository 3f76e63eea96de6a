import { ConfigError, describeSettings } from '../config.ts';
import { describeError } from '../db/database.ts';

/**
 * Runs a program that takes its settings from the environment and no arguments but `--help`. What goes
 * wrong is told in words on standard error, and the exit code is 1; 2 for an unknown argument.
 */
export async function runCommand(purpose: string, run: () => Promise<void>): Promise<void> {
  const [argument] = process.argv.slice(2);
  if (argument === '--help' || argument === '-h') {
    console.log(`${purpose}\n\n${describeSettings()}`);
    return;
  }
  if (argument !== undefined) {
    console.error('There is no such argument. Try --help.');
    process.exit(2);
  }
  // What we make on disk, the database above all, is for our own user alone.
  process.umask(0o077);
  try {
    await run();
  } catch (error) {
    console.error(explain(error));
    process.exit(1);
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'The port is in use. Set PORT to another one, or to 0 for any.';
  if (code === 'EACCES')
    return 'The port or a file is not ours to use. Set PORT to 1024 or higher.';
  return `Latchkey cannot go on: ${describeError(error)}`;
}
