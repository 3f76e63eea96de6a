import { isIP } from 'node:net';
import { CommandError } from '../../../core/errors.ts';
import { isLoopback } from '../../../core/loopback.ts';

/** How a connection uses TLS: not at all, or with these options of Node. */
export type Tls = false | { readonly host?: string; readonly rejectUnauthorized: boolean };

const OPT_OUT = 'sslmode';
/** Options of the package pg in a URL that decide about TLS. */
const PG_OPTIONS = ['ssl', OPT_OUT, 'sslcert', 'sslkey', 'sslrootcert'];
/** Values of PGSSLMODE that are weaker than the default here. */
const PG_OPT_OUTS = ['disable', 'no-verify'];

const MYSQL_MODES: ReadonlyMap<string, Tls> = new Map<string, Tls>([
  ['disable', false],
  ['no-verify', { rejectUnauthorized: false }],
  ['require', { rejectUnauthorized: true }],
  ['verify-full', { rejectUnauthorized: true }],
]);

/**
 * Decides about TLS to a PostgreSQL server: the URL or PGSSLMODE if they say anything, which the package pg reads.
 * Otherwise, TLS with verification for a host that is not this machine.
 *
 * @returns undefined if the package pg decides
 */
export function postgresTls(url: URL): Tls | undefined {
  const { searchParams: options } = url;
  const isDecided =
    PG_OPTIONS.some((name) => options.get(name)) ||
    PG_OPT_OUTS.includes(process.env.PGSSLMODE ?? '');
  // The package pg uses the last one.
  const host = options.getAll('host').at(-1) || hostOf(url) || process.env.PGHOST || 'localhost';
  const isSocket = host.startsWith('/');
  if (isDecided || isSocket || isLoopback(host)) return undefined;
  // For a name, the package pg adds what is verified.
  return { ...(isIP(host) > 0 && { host }), rejectUnauthorized: true };
}

/**
 * Decides about TLS to a MySQL server: `sslmode` of the URL if it is given. Otherwise, TLS with verification for a host
 * that is not this machine.
 *
 * @returns undefined if the package mysql2 decides, by `ssl` of the URL
 * @throws CommandError for an unknown value of `sslmode`
 */
export function mysqlTls(url: URL): Tls | undefined {
  const { searchParams: options } = url;
  const mode = options.get(OPT_OUT);
  if (mode) {
    const tls = MYSQL_MODES.get(mode);
    if (tls !== undefined) return tls;
    throw new CommandError(`sslmode must be one of: ${[...MYSQL_MODES.keys()].join(', ')}.`);
  }
  if (options.get('ssl')) return undefined;
  const isLocal = options.get('socketPath') || isLoopback(hostOf(url) || 'localhost');
  return isLocal ? false : { rejectUnauthorized: true };
}

/** Returns the host without brackets. */
function hostOf({ hostname }: URL): string {
  try {
    return decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1');
  } catch {
    return hostname;
  }
}
