import { userRoles } from '../../src/core/db/account-schema.ts';
import type { Database } from '../../src/core/db/database.ts';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import type { Page } from '../../src/features/admin/directory.ts';
import { nameValues } from '../../src/features/users/statements.ts';

type Values = Partial<typeof users.$inferInsert> & { readonly roles?: readonly string[] };

/** Adds accounts directly. Returns their ids, in order. */
export async function addPeople(db: Database, people: readonly Values[]): Promise<number[]> {
  const ids: number[] = [];
  for (const { roles = [], name = null, ...values } of people) {
    const [row] = await db
      .insert(users)
      .values({
        ...nameValues(name),
        emailNormalized: values.email ?? null,
        phoneNormalized: values.phone ?? null,
        createdAt: 0,
        updatedAt: 0,
        ...values,
      })
      .returning({ id: users.id });
    const userId = Number(row?.id);
    for (const role of roles) await db.insert(userRoles).values({ userId, role, grantedAt: 0 });
    ids.push(userId);
  }
  return ids;
}

export const grant = async (db: Database, userId: number, role: string): Promise<void> => {
  await db.insert(userRoles).values({ userId, role, grantedAt: 0 });
};

/** Adds events directly. Returns their ids, in order. */
export async function addEventRows(
  db: Database,
  rows: readonly Partial<typeof auditEvents.$inferInsert>[],
): Promise<number[]> {
  const ids: number[] = [];
  for (const values of rows) {
    const [row] = await db
      .insert(auditEvents)
      .values({ at: 0, action: 'login', outcome: 'success', requestId: 'r', ...values })
      .returning({ id: auditEvents.id });
    ids.push(Number(row?.id));
  }
  return ids;
}

/** Reads all pages of a list. Returns the ids of their items, and the number of pages. */
export async function pagesOf(
  read: (cursor: string | undefined) => Promise<Page<{ readonly id: number }>>,
): Promise<{ ids: number[]; pages: number }> {
  const ids: number[] = [];
  let cursor: string | undefined;
  for (let pages = 1; pages < 10_000; pages++) {
    const page = await read(cursor);
    ids.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === null) return { ids, pages };
    cursor = page.nextCursor;
  }
  throw new Error('the list has no end');
}

/** A cursor as somebody could make it up. */
export const forgedCursor = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
