import { ArgumentError, CommandError } from '../../core/errors.ts';
import type { AccountSource } from '../../features/imports/source.ts';
import { accountsOf } from './accounts.ts';
import { openMysql } from './databases/mysql.ts';
import { openPostgres } from './databases/postgres.ts';
import { openSqlite } from './databases/sqlite.ts';
import { openCsv } from './files/csv.ts';
import { openNdjson } from './files/ndjson.ts';
import { openSql } from './files/sql.ts';
import { ALL_FORMS, parseFrom, ROW_FILES, type SourceForm, usagesOf } from './forms.ts';
import type { SourceKind } from './kind.ts';
import { betterAuth } from './kinds/better-auth.ts';
import { django } from './kinds/django.ts';
import { kpa } from './kinds/kpa.ts';
import { latchkey } from './kinds/latchkey.ts';
import { mapped } from './kinds/mapped.ts';
import { pms } from './kinds/pms.ts';
import type { RowSource } from './row.ts';
import type { Kind, Shape } from './shape.ts';
import type { SourceMap } from './source-map.ts';

interface SourceOptions {
  /** For the kind `csv`: the columns, as {@link readSourceMap} returns them. */
  readonly map?: SourceMap | undefined;
}

type Opener = (target: string, shape: Shape) => Promise<RowSource>;

const OPENERS: Readonly<Record<SourceForm, Opener>> = {
  csv: openCsv,
  ndjson: openNdjson,
  sql: openSql,
  sqlite: openSqlite,
  postgres: openPostgres,
  mysql: openMysql,
};

const KINDS: Readonly<Record<Exclude<SourceKind, 'csv'>, Kind>> = {
  pms,
  kpa,
  'better-auth': betterAuth,
  django,
  latchkey,
};

/**
 * Opens a source of accounts. Changes nothing there.
 *
 * @param from a form of {@link FORMS}
 * @throws ArgumentError for a form that the kind does not have
 * @throws CommandError if it cannot be read, without the password of a URL
 */
export async function openSource(
  kind: SourceKind,
  from: string,
  { map }: SourceOptions = {},
): Promise<AccountSource> {
  const { form, target } = parseFrom(from);
  const forms = kind === 'latchkey' ? ROW_FILES : ALL_FORMS;
  if (!forms.includes(form))
    throw new ArgumentError(`The source ${kind} can be read from: ${usagesOf(forms)}.`);
  const definition = definitionOf(kind, map);
  return accountsOf(await OPENERS[form](target, definition.shape), definition);
}

function definitionOf(kind: SourceKind, map: SourceMap | undefined): Kind {
  if (kind !== 'csv') {
    if (map)
      throw new CommandError(`--map is for the source csv. The columns of ${kind} are known.`);
    return KINDS[kind];
  }
  if (!map) throw new CommandError('The source csv needs --map FILE, which names its columns.');
  return mapped(map);
}
