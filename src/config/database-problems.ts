import { isUnencrypted } from './database-url.ts';

/** What a host offers as databases. */
interface DatabaseDefaults {
  /** Used if `DATABASE_URL` is unset. */
  readonly databaseUrl: string | undefined;
  readonly hasFiles: boolean;
}

/** Rejects a missing database, and one that this host cannot open. */
export function databaseProblems(
  { DATABASE_URL: url }: Readonly<Record<string, string>>,
  { databaseUrl, hasFiles }: DatabaseDefaults,
): string[] {
  if (url === undefined && databaseUrl === undefined) {
    return ['DATABASE_URL: must be set, unless a D1 database is bound as DB'];
  }
  if (!url?.startsWith('file:')) return [];
  if (!hasFiles) return ['DATABASE_URL: must not be a file; this host has no files'];
  if (url.startsWith('file::memory:') || /[?#]/.test(url)) {
    return [
      'DATABASE_URL: must be a file path without parameters; databases in memory are not supported',
    ];
  }
  const isPath = /^file:(?!\/\/(?!\/|localhost\/))./.test(url) && !/%(?![0-9a-f]{2})/i.test(url);
  return isPath ? [] : ['DATABASE_URL: must be file:PATH with a path on this machine'];
}

/** Rejects a database connection without TLS. */
export function encryptionProblems(given: Readonly<Record<string, string>>): string[] {
  const { DATABASE_URL: url, DATABASE_INSECURE: isAllowed } = given;
  if (url === undefined || isAllowed === 'on' || !isUnencrypted(url)) return [];
  return [
    'DATABASE_URL: must use TLS in production (https:// or libsql://), unless the database is on this machine. On a private network, DATABASE_INSECURE=on allows connections without TLS',
  ];
}
