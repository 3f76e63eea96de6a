import { type ZodError, z } from 'zod';
import { ArgumentError } from '../../core/errors.ts';
import { readJsonFile } from './files/json-file.ts';
import { openSourceFile } from './files/source-file.ts';
import { SOURCE_KINDS } from './kind.ts';

const MAX_FILE_BYTES = 64_000;
const MAX_NAME = 128;
/** The name of a source in the table `imports`. */
export const SOURCE_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

const name = z.string().min(1).max(MAX_NAME);

/** What a column can be mapped to: the columns of `latchkey export users`, and `enabled`, the opposite of disabled. */
const columns = z
  .strictObject({
    id: name,
    email: name.optional(),
    phone: name.optional(),
    password_hash: name.optional(),
    name: name.optional(),
    bio: name.optional(),
    locale: name.optional(),
    time_zone: name.optional(),
    fields: name.optional(),
    email_verified_at: name.optional(),
    phone_verified_at: name.optional(),
    created_at: name.optional(),
    updated_at: name.optional(),
    disabled_at: name.optional(),
    enabled: name.optional(),
  })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, {
    error: 'must name a column for email or phone',
  })
  .refine((of) => of.disabled_at === undefined || of.enabled === undefined, {
    error: 'must not have both disabled_at and enabled',
  });

const schema = z.strictObject({
  source: z
    .string()
    .regex(SOURCE_NAME, {
      error:
        'must have 1 to 63 characters of a-z, 0-9, ".", "_" and "-", and begin with a-z or 0-9',
    })
    .refine((source) => !SOURCE_KINDS.some((kind) => kind === source), {
      error: 'must not be the name of a kind of source',
    }),
  table: name.optional(),
  schema: name.optional(),
  columns,
  times: z.enum(['iso', 'seconds', 'milliseconds']).default('iso'),
});

const KNOWN = Object.keys(schema.shape);
const KNOWN_COLUMNS = Object.keys(columns.shape);

/** Which columns of a table or a file hold what. */
export type SourceMap = z.infer<typeof schema>;

/**
 * Reads the JSON file of `--map`:
 *
 * - `source`: the name under which imported accounts are remembered.
 * - `columns`: for each member, the name of its column. `id`, and `email` or `phone`, are needed. The columns of
 *   `email_verified_at`, `phone_verified_at` and `disabled_at` hold times or yes and no.
 * - `times`: how times are written: `iso` (the default), `seconds` or `milliseconds`.
 * - `table`: needed for databases and dumps.
 * - `schema`: of PostgreSQL, or the database in MySQL, if it is not the one of the connection.
 *
 * @throws ArgumentError that names the file and each mistake
 * @throws CommandError if the file cannot be read
 */
export function readSourceMap(file: string): SourceMap {
  const { path, size } = openSourceFile(file);
  if (size > MAX_FILE_BYTES) throw new ArgumentError(`${path} is too long for a map of columns.`);
  const result = schema.safeParse(readJsonFile(path, 'is not valid JSON'));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${describe(issue)}`);
  throw new ArgumentError(`${path} is not a valid map of columns:\n${problems.join('\n')}`);
}

function describe(issue: ZodError['issues'][number]): string {
  const at = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys')
    return at === '' ? issue.message : `${at}: ${issue.message}`;
  const known = at === 'columns' ? KNOWN_COLUMNS : KNOWN;
  const of = at === '' ? '' : `${at}: `;
  return `${of}unknown: ${issue.keys.join(', ')}. Known: ${known.join(', ')}`;
}
