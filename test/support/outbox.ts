import { eq, sql } from 'drizzle-orm';
import { createSealer } from '../../src/core/crypto/sealer.ts';
import type { Database } from '../../src/core/db/database.ts';
import { outbox, users } from '../../src/core/db/schema.ts';
import type { Message } from '../../src/features/messages/message.ts';
import { createOutbox, OUTBOX_PURPOSE } from '../../src/features/messages/store.ts';

export const MINUTE = 60_000;

/** A message that resets a password. */
export const resetMessage = (to = 'ada@example.com'): Message => ({
  kind: 'reset',
  channel: to.startsWith('+') ? 'phone' : 'email',
  to,
  locale: 'en',
  token: 'token-of-the-message',
  code: '123456',
});

/** Opens the queue of a database. @param secrets newest first */
export const openOutbox = async (
  db: Database,
  clock: () => number = Date.now,
  secrets: readonly [string, ...string[]] = ['secret'],
) => createOutbox(db, await createSealer(secrets, OUTBOX_PURPOSE), clock);

/** Adds a user that messages can belong to. */
export async function addUser(db: Database): Promise<number> {
  const [user] = await db
    .insert(users)
    .values({ createdAt: 0, updatedAt: 0 })
    .returning({ id: users.id });
  if (!user) throw new Error('No user was added');
  return user.id;
}

/** Queues a message, as the batch of an operation does. */
export async function queue(
  db: Database,
  { prepare }: Pick<Awaited<ReturnType<typeof openOutbox>>, 'prepare'>,
  message: Message,
  recipient: { readonly userId: number | null; readonly expiresAt: number },
): Promise<void> {
  await db.batch([(await prepare(message, recipient))(sql`1 = 1`)]);
}

/** The rows of the queue, oldest first. */
export const outboxRows = (db: Database) => db.select().from(outbox).orderBy(outbox.createdAt);

export async function outboxRow(db: Database, id: string) {
  const [row] = await db.select().from(outbox).where(eq(outbox.id, id));
  if (!row) throw new Error('There is no such message');
  return row;
}
