import { ArgumentError } from '../../core/errors.ts';

/** Where a source is: a file, or a database on a server. */
export type SourceForm = 'sqlite' | 'csv' | 'ndjson' | 'sql' | 'postgres' | 'mysql';

/** Each form of `--from`, and what it names. */
export const FORMS: Readonly<
  Record<SourceForm, { readonly usage: string; readonly help: string }>
> = {
  sqlite: { usage: 'sqlite:FILE', help: 'a SQLite database; neither it nor its folder is changed' },
  csv: { usage: 'csv:FILE', help: 'CSV as in RFC 4180: UTF-8, commas, a header; \\N is NULL' },
  ndjson: {
    usage: 'ndjson:FILE',
    help: 'one JSON object a line; members that are null may be missing',
  },
  sql: { usage: 'sql:FILE', help: 'a plain dump of pg_dump, with COPY blocks' },
  postgres: { usage: 'postgres://…', help: 'PostgreSQL; needs the package pg' },
  mysql: { usage: 'mysql://…', help: 'MySQL or MariaDB; needs the package mysql2' },
};

const SERVERS_HELP = `Give no password in a URL, where other users of the machine can read it: PostgreSQL reads PGPASSWORD and
~/.pgpass, MySQL reads MYSQL_PWD. A server on another machine needs TLS and a certificate that can be
verified; ?sslmode=disable in the URL does without.`;

/** The forms as lines of a help text. */
export const FORMS_HELP = `${Object.values(FORMS)
  .map(({ usage, help }) => `  ${usage.padEnd(14)}${help}`)
  .join('\n')}\n\n${SERVERS_HELP}`;

export const ALL_FORMS: readonly SourceForm[] = [
  'sqlite',
  'csv',
  'ndjson',
  'sql',
  'postgres',
  'mysql',
];

/** Forms without tables. */
export const ROW_FILES: readonly SourceForm[] = ['csv', 'ndjson'];

const FILE = /^(sqlite|csv|ndjson|sql):(.+)$/s;
const SERVER = /^(postgres|postgresql|mysql|mariadb):\/\//i;

/**
 * Parses `--from`.
 *
 * @returns the form, and the name of the file or the URL of the database
 * @throws ArgumentError without the value, which may contain a password
 */
export function parseFrom(from: string): { readonly form: SourceForm; readonly target: string } {
  const [, scheme = ''] = SERVER.exec(from) ?? [];
  if (scheme !== '')
    return { form: /^postgres/i.test(scheme) ? 'postgres' : 'mysql', target: from };
  const [, form = '', target = ''] = FILE.exec(from) ?? [];
  if (isForm(form)) return { form, target };
  throw new ArgumentError(`--from must be one of: ${usagesOf(ALL_FORMS)}.`);
}

export const usagesOf = (forms: readonly SourceForm[]): string =>
  forms.map((form) => FORMS[form].usage).join(', ');

const isForm = (name: string): name is SourceForm => Object.hasOwn(FORMS, name);
