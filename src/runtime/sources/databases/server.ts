import { CommandError } from '../../../core/errors.ts';
import { printable } from '../../../core/text.ts';
import { codeOfError } from '../error-code.ts';

/** How long a connection may take, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** How long closing may take, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;
export const PAGE_ROWS = 200;

const NO_TLS =
  'the server has no TLS. Where no other machine can listen in, add ?sslmode=disable to the URL';
const UNKNOWN_AUTHORITY =
  'its certificate is of an unknown authority. NODE_EXTRA_CA_CERTS=FILE names one that you trust';
/** Codes of OpenSSL. */
const UNTRUSTED = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server accepts connections there',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'the server does not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENOENT: 'no server accepts connections there',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  PROTOCOL_CONNECTION_LOST: 'the connection was lost',
  // PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
  '28P01': 'the user name or the password is wrong',
  '28000': 'this user may not log in from here',
  '3D000': 'there is no such database',
  '42501': 'this user may not read the table',
  '53300': 'the server has too many connections',
  // MySQL
  ER_ACCESS_DENIED_ERROR: 'the user name or the password is wrong',
  ER_DBACCESS_DENIED_ERROR: 'this user may not read the database',
  ER_TABLEACCESS_DENIED_ERROR: 'this user may not read the table',
  ER_BAD_DB_ERROR: 'there is no such database',
  HANDSHAKE_NO_SSL_SUPPORT: NO_TLS,
  // TLS
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ...Object.fromEntries(UNTRUSTED.map((code) => [code, UNKNOWN_AUTHORITY])),
};

/** Errors of the package pg that have no code. */
const MESSAGES: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, NO_TLS],
  [/timeout/i, 'the server does not answer'],
  [/Connection terminated|connection error/i, 'the connection was lost'],
];

/** A database on a server, as errors name it. */
export interface Server {
  readonly url: URL;
  /** The URL without user, password and options. */
  readonly name: string;
  /** Explains an error. Never contains a password, nor what a terminal could take for a command. */
  failure(error: unknown): CommandError;
}

/**
 * Parses the URL of a database.
 *
 * @param passwordVariable the variable of the environment that has the password if the URL has none
 * @throws CommandError without the URL
 */
export function parseServer(url: string, passwordVariable: string): Server {
  if (!URL.canParse(url))
    throw new CommandError(
      '--from: the URL of the database is not valid. Special characters of a password are percent-encoded: "@" is %40, "/" is %2F.',
    );
  const parsed = new URL(url);
  const { protocol, host, pathname, password, searchParams } = parsed;
  const name = `${protocol}//${host}${pathname}`;
  const secrets = [
    ...[password, decode(password), ...searchParams.getAll('password')],
    process.env[passwordVariable] ?? '',
  ].filter((secret) => secret !== '');
  const redact = (text: string) =>
    secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);

  return {
    url: parsed,
    name,
    failure(error) {
      if (error instanceof CommandError) return new CommandError(`${name}: ${error.message}`);
      // A connection to several addresses fails with one error for each.
      const first = error instanceof AggregateError ? error.errors[0] : error;
      const message = first instanceof Error ? first.message : 'unknown error';
      const [, known] = MESSAGES.find(([pattern]) => pattern.test(message)) ?? [];
      return new CommandError(
        `${name} cannot be read: ${REASONS[codeOfError(first)] ?? known ?? printable(redact(message))}.`,
      );
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Loads a package that only some sources need.
 *
 * @throws CommandError that says how it is installed
 */
export async function loadPackage<T>(
  database: string,
  name: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (codeOfError(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CommandError(`${database} needs the package ${name}: npm install ${name}`);
  }
}

/** Waits until a connection has ended, or for two seconds. */
export async function endWithin(end: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([end.catch(() => {}), timeout]);
  clearTimeout(timer);
}
