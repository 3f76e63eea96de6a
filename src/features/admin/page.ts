import { z } from 'zod';
import { fromBase64Url, textToBase64Url } from '../../core/crypto/bytes.ts';
import type { Database } from '../../core/db/database.ts';
import {
  compareKeys,
  type IndexRange,
  type Position,
  type RangeRow,
  readRange,
} from '../../core/db/index-range.ts';
import { AppError } from '../../core/errors.ts';
import type { Page } from './directory.ts';

/** The rows of each range that a page reads at most, in one go. */
const MAX_EXAMINED = 500;
/** The rows that are read besides, because some repeat an item. */
const SURPLUS = 15;

/** One list: its name, and the ranges that it merges, all in the same order. None for an empty list. */
export interface List {
  /** In its cursors, so that no other list accepts them. */
  readonly name: string;
  readonly ranges: readonly IndexRange[];
  /** True if their conditions leave out only what another range of the list has. */
  readonly isUnion?: boolean;
}

interface PageOptions {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * Reads a page: its ids from the ranges, and their items by `load`.
 *
 * @throws AppError `validation_failed` for a cursor that is not one of the list
 */
export async function readPage<Item>(
  db: Database,
  list: List,
  options: PageOptions,
  load: (ids: number[]) => Promise<ReadonlyMap<number, Item>>,
): Promise<Page<Item>> {
  const { ids, nextCursor } = await readIds(db, list, options);
  if (ids.length === 0) return { items: [], nextCursor };
  const found = await load(ids);
  // A row may have been deleted since its id was read.
  return { items: ids.flatMap((id) => found.get(id) ?? []), nextCursor };
}

async function readIds(db: Database, list: List, { cursor, limit }: PageOptions) {
  const { name, ranges } = list;
  let after = cursor === undefined ? undefined : positionIn(cursor, list);
  const matches: RangeRow[] = [];
  for (const size of sizesOf(list, limit)) {
    const { rows, isLast } = await readRows(db, ranges, after, size);
    matches.push(...rows.filter(({ isMatch }) => isMatch));
    after = isLast ? undefined : rows.at(-1);
    if (matches.length > limit) after = matches[limit - 1];
    if (isLast || matches.length >= limit) break;
  }
  return {
    ids: matches.slice(0, limit).map(({ id }) => id),
    nextCursor: cursorOf(name, after),
  };
}

/** The rows that a page reads of each range: again if the first time has not filled it. */
function sizesOf({ ranges, isUnion = false }: List, limit: number): readonly number[] {
  // One row more shows whether the page is the last one.
  if (isUnion) return [limit + 1 + SURPLUS, MAX_EXAMINED];
  // Without further conditions, each row is an item of the page.
  return ranges.some(({ matches }) => matches !== undefined) ? [MAX_EXAMINED] : [limit + 1];
}

/** Reads the rows of all ranges after a position, in order, as far as each range was read. */
async function readRows(
  db: Database,
  ranges: readonly IndexRange[],
  after: Position | undefined,
  size: number,
) {
  const found: RangeRow[] = [];
  for (const range of ranges) found.push(...(await readRange(db, range, after, size)));
  const sign = ranges[0]?.order === 'desc' ? -1 : 1;
  found.sort((a, b) => sign * (compareKeys(a.key, b.key) || a.id - b.id));
  const isLast = found.length < size;
  return { rows: isLast ? found : found.slice(0, size - 1), isLast };
}

function cursorOf(list: string, at: Position | undefined): string | null {
  return at ? textToBase64Url(JSON.stringify({ list, key: at.key, id: at.id })) : null;
}

const textKey = z.string().max(1024);
const numberKey = z.number().int();

function positionIn(cursor: string, { name, ranges }: List): Position {
  const schema = z.strictObject({
    list: z.literal(name),
    key: typeof ranges[0]?.from === 'string' ? textKey : numberKey,
    id: z.number().int(),
  });
  const { data } = schema.safeParse(parsedOf(cursor));
  if (data) return data;
  throw new AppError('validation_failed', {
    fields: [
      {
        pointer: '#/cursor',
        code: 'invalid_cursor',
        message: 'must be the next_cursor of a previous page of the same list',
      },
    ],
  });
}

function parsedOf(cursor: string): unknown {
  const bytes = fromBase64Url(cursor);
  if (!bytes) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
