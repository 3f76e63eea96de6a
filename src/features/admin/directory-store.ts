import { and, eq, gt, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Config } from '../../config/config.ts';
import { userRoles } from '../../core/db/account-schema.ts';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import type { IndexRange } from '../../core/db/index-range.ts';
import { users } from '../../core/db/schema.ts';
import { hasRole } from '../roles/statements.ts';
import { normalizeEmail, normalizePhone } from '../users/identifier.ts';
import { foldedName } from '../users/statements.ts';
import { ACCOUNT_ID } from './account.ts';
import { accountColumns, findAccount, toAccount } from './account-columns.ts';
import type { AccountQuery, Directory, Status } from './directory.ts';
import { type List, readPage } from './page.ts';
import { endOfPrefix, searchFor } from './search.ts';

export interface DirectoryParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
}

const NEWEST = { order: 'desc', from: Number.MAX_SAFE_INTEGER } as const;
const IS_UNVERIFIED = sql`${users.emailVerifiedAt} is null and ${users.phoneVerifiedAt} is null`;

export function createDirectory({ db, clock, config }: DirectoryParts): Directory {
  const region = config.defaultPhoneRegion;

  const find = (id: number) => findAccount(db, eq(users.id, id));

  return {
    list: ({ cursor, limit, ...query }) =>
      readPage(db, listOf(query, clock(), region), { cursor, limit }, async (ids) => {
        const rows = await db.select(accountColumns).from(users).where(inArray(users.id, ids));
        return new Map(rows.map((row) => [row.id, toAccount(row)]));
      }),

    find,

    async findByName(who) {
      const name = who.trim();
      const byId = ACCOUNT_ID.test(name) ? await find(Number(name)) : undefined;
      if (byId) return byId;
      const [column, normalized] = name.includes('@')
        ? [users.emailNormalized, normalizeEmail(name)]
        : [users.phoneNormalized, normalizePhone(name, region)];
      return normalized === undefined ? undefined : findAccount(db, eq(column, normalized));
    },
  };
}

type Filters = Pick<AccountQuery, 'q' | 'role' | 'status'>;

/** Chooses the ranges; filters that they do not contain are conditions of each row. */
function listOf({ q, role, status }: Filters, now: number, region: string): List {
  const isOfStatus = status && statusIs(status, now);
  const isOfRole = role === undefined ? undefined : hasRole(users.id, role);
  if (q !== undefined) return found(q, region, and(isOfStatus, isOfRole));
  const newest = { table: users, id: users.id, ...NEWEST, matches: isOfRole };
  if (status === 'disabled') {
    return { name: 'disabled', ranges: [{ ...newest, key: users.disabledAt }] };
  }
  if (status === 'locked') {
    return { name: 'locked', ranges: [{ ...newest, key: users.lockedUntil, until: now }] };
  }
  if (role !== undefined) {
    const matches =
      isOfStatus &&
      sql`exists (select 1 from ${users} where ${users.id} = ${userRoles.userId} and ${isOfStatus})`;
    const within = eq(userRoles.role, role);
    const { userId } = userRoles;
    return {
      name: 'role',
      ranges: [{ table: userRoles, key: userId, id: userId, within, ...NEWEST, matches }],
    };
  }
  if (status === 'unverified') {
    const range = { ...newest, key: users.createdAt, within: IS_UNVERIFIED };
    return { name: 'unverified', ranges: [range] };
  }
  return { name: 'id', ranges: [{ ...newest, key: users.id, matches: isOfStatus }] };
}

function statusIs(status: Status, now: number): Condition | undefined {
  switch (status) {
    case 'active':
      return isNull(users.disabledAt);
    case 'disabled':
      return isNotNull(users.disabledAt);
    case 'locked':
      return gt(users.lockedUntil, now);
    case 'unverified':
      return IS_UNVERIFIED;
  }
}

/** The accounts that a search finds, in the order of the texts that it finds them by. */
function found(q: string, region: string, matches: Condition | undefined): List {
  const search = searchFor(q, region, (name) => foldedName(name) ?? '');
  if (search.kind === 'phone') {
    const ranges = search.prefixes.map((prefix) =>
      prefixRange(users.phoneNormalized, prefix, matches),
    );
    return { name: 'phone', ranges };
  }
  const { email, name } = search;
  // An account that both find is listed by its address.
  const isByName = sql`coalesce(not (${startsWith(users.emailNormalized, email)}), true)`;
  return {
    name: 'text',
    isUnion: matches === undefined,
    ranges: [
      prefixRange(users.emailNormalized, email, matches),
      prefixRange(users.nameFolded, name, and(isByName, matches)),
    ],
  };
}

type TextColumn =
  | typeof users.emailNormalized
  | typeof users.nameFolded
  | typeof users.phoneNormalized;

const prefixRange = (
  key: TextColumn,
  prefix: string,
  matches: Condition | undefined,
): IndexRange => ({
  table: users,
  key,
  id: users.id,
  order: 'asc',
  from: prefix,
  until: endOfPrefix(prefix),
  matches,
});

function startsWith(column: TextColumn, prefix: string): Condition {
  const end = endOfPrefix(prefix);
  return end === undefined
    ? sql`${column} >= ${prefix}`
    : sql`${column} >= ${prefix} and ${column} < ${end}`;
}
