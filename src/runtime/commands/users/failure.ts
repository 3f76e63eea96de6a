import { AppError, CommandError } from '../../../core/errors.ts';
import { PROBLEMS } from '../../../core/problems.ts';
import { printable } from '../../../core/text.ts';

/** What an operator can do about a failure, where the words for users do not tell. */
const WORDS: Readonly<Partial<Record<AppError['code'], string>>> = {
  messages_off: 'No message can be sent: MAIL must be set, for a phone number SMS.',
  no_address: 'The account has neither an email address nor a phone number.',
};

/** @param who as it was typed */
export const notFound = (who: string): CommandError =>
  new CommandError(`No account has this id, email address or phone number: ${printable(who)}`);

/** Runs an action. A failure that the service expects becomes one line for the operator. */
export async function inWords<Result>(who: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof AppError) throw asCommandError(error, who);
    // Of wrangler, in place of a driver.
    if (error instanceof Error && error.cause instanceof CommandError) throw error.cause;
    throw error;
  }
}

function asCommandError({ code, detail, fields }: AppError, who: string): CommandError {
  if (code === 'not_found') return notFound(who);
  const [field] = fields;
  const words = field ? `${field.pointer.replace(/^#\//, '')}: ${field.message}` : undefined;
  return new CommandError(printable(words ?? WORDS[code] ?? detail ?? PROBLEMS[code].detail));
}
