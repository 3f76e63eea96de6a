import { InvalidArgumentError, type Command as Parser } from 'commander';
import { lineField, MAX_REASON_LENGTH } from '../../../features/admin/fields.ts';
import { MAX_ROLES, ROLE } from '../../../features/roles/role.ts';
import { DEFAULT_REASON, MAX_OPERATOR_LENGTH } from './operator.ts';
import { D1_NAME } from './wrangler.ts';

export const WHO = 'An id, an email address or a phone number.';

/** Creates the parser of an option that is a text of one line. */
export const lineOf =
  (max: number) =>
  (text: string): string => {
    const { data } = lineField(max).safeParse(text);
    if (data !== undefined) return data;
    throw new InvalidArgumentError(`It must be a line of 1 to ${max} characters.`);
  };

/** Creates the parser of a whole number. */
export const numberUpTo =
  (max: number) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (number >= 1 && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number, 1 to ${max}.`);
  };

/** Parses one of several roles. */
export function roleOf(text: string, previous: readonly string[] = []): readonly string[] {
  if (!ROLE.test(text)) {
    throw new InvalidArgumentError(
      'A role has 1 to 32 lower-case letters, digits, underscores and hyphens.',
    );
  }
  const roles = [...new Set([...previous, text])];
  if (roles.length <= MAX_ROLES) return roles;
  throw new InvalidArgumentError(`An account has at most ${MAX_ROLES} roles.`);
}

function d1NameOf(text: string): string {
  if (D1_NAME.test(text)) return text;
  throw new InvalidArgumentError('It must be the name or the binding of a D1 database.');
}

export const withJson = (parser: Parser): Parser =>
  parser.option('--json', 'Print one JSON value.');

/** Adds the options of a subcommand that changes something. */
export const withAct = (parser: Parser): Parser =>
  withOperator(
    withJson(parser).option(
      '--reason <TEXT>',
      'Why, for the audit log.',
      lineOf(MAX_REASON_LENGTH),
      DEFAULT_REASON,
    ),
  );

export const withOperator = (parser: Parser): Parser =>
  parser.option(
    '--operator <NAME>',
    'Who acts, for the audit log. Default: the name of the user who runs this.',
    lineOf(MAX_OPERATOR_LENGTH),
  );

export const withYes = (parser: Parser): Parser =>
  parser.option('--yes', 'Do not ask before something is lost.');

/** Adds the options of a subcommand that also works on D1. */
export const withD1 = (parser: Parser): Parser =>
  parser
    .option(
      '--d1 <NAME>',
      'Use this D1 database by wrangler, which must find it in its configuration.',
      d1NameOf,
    )
    .option('--local', 'With --d1: the local database.')
    .option('--remote', 'With --d1: the database at Cloudflare.');
