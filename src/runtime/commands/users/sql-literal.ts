import type { Query } from 'drizzle-orm';
import { toHex, utf8 } from '../../../core/crypto/bytes.ts';
import { CommandError } from '../../../core/errors.ts';

/**
 * Writes a value as an expression of SQLite, for a program that binds none. Text becomes `CAST(x'…' AS TEXT)`: whatever
 * it contains, the statement has hexadecimal digits there.
 *
 * @throws CommandError for text that is not valid Unicode; TypeError for other values than text, safe integers and null
 */
export function literalOf(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') throw new TypeError('only text, integers and null are written');
  if (!value.isWellFormed()) throw new CommandError('The text is not valid Unicode.');
  return `CAST(x'${toHex(utf8(value))}' AS TEXT)`;
}

/** A quoted text or name, which is copied, or a parameter. */
const PIECE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g;

/**
 * Writes the parameters of a statement into it.
 *
 * @throws what {@link literalOf} does; TypeError if there are more or fewer parameters than places
 */
export function inlined({ sql, params }: Pick<Query, 'sql' | 'params'>): string {
  let used = 0;
  const text = sql.replaceAll(PIECE, (piece) => {
    if (piece !== '?') return piece;
    if (used === params.length) throw new TypeError('a parameter is missing');
    return literalOf(params[used++]);
  });
  if (used < params.length) throw new TypeError('a parameter has no place');
  return text;
}
