import { createClient } from '@libsql/client';
import { inArray } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { createPasswordHasher } from '../../src/crypto/password-hash.ts';
import { users } from '../../src/db/schema.ts';
import { Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import { HOSTILE_USER } from '../support/legacy-users.ts';

export const PASSWORD = 'analytical engine';
export const WRONG_PASSWORD = 'difference engine';

/** What new hashes cost in the server that is measured. */
export const ROUNDS = 6;

const FAILURES_THAT_LOCK = 10;
const FAR_AWAY = 4_102_444_800_000;

const createHashes = async () => ({
  usual: await createPasswordHasher(ROUNDS).hash(PASSWORD),
  /** Made when the setting was lower. */
  cheaper: await createPasswordHasher(1).hash(PASSWORD),
  /** Of who has no password. */
  none: null,
  damaged: HOSTILE_USER.hash,
});

export interface Person {
  readonly email: string;
  readonly phone: string;
  /** Headers of who is logged in; none where nobody has to be. */
  readonly bearer: Readonly<Record<string, string>>;
}

export interface Kind {
  readonly hash?: 'usual' | 'cheaper' | 'none' | 'damaged';
  readonly state?: 'disabled' | 'locked';
  readonly isLoggedIn?: boolean;
}

export interface People {
  /** Makes so many accounts of a kind. */
  add(kind: Kind, count: number): Promise<readonly Person[]>;
  close(): void;
}

/**
 * Makes accounts in the database file of a running server, which has made its tables. Locks are come by
 * honestly, by ten wrong passwords over HTTP, and are then made to outlast the measuring.
 */
export async function createPeople(baseUrl: string, databaseUrl: string): Promise<People> {
  const hashes = await createHashes();
  const client = createClient({ url: databaseUrl });
  const db = drizzle({ client });
  const api = new Api(baseUrl);

  async function logIn(email: string): Promise<Person['bearer']> {
    const answer = await api.logIn(email, PASSWORD);
    if (answer.status !== 200) throw new Error(`a login for the set-up answered ${answer.status}`);
    return { Authorization: `Bearer ${answer.at('access_token')}` };
  }

  async function fail(email: string): Promise<void> {
    for (let i = 0; i < FAILURES_THAT_LOCK; i++) await api.logIn(email, WRONG_PASSWORD);
  }

  return {
    async add({ hash = 'usual', state, isLoggedIn = false }, count) {
      const contacts = Array.from({ length: count }, () => ({
        email: uniqueEmail(),
        phone: uniquePhone(),
      }));
      const rows = contacts.map(({ email, phone }) => ({
        email,
        emailNormalized: email,
        phone,
        phoneNormalized: `+91${phone}`,
        passwordHash: hashes.usual,
        createdAt: 1,
        updatedAt: 1,
      }));
      await db.insert(users).values(rows);
      const people: Person[] = [];
      for (const contact of contacts) {
        people.push({ ...contact, bearer: isLoggedIn ? await logIn(contact.email) : {} });
        if (state === 'locked') await fail(contact.email);
      }
      const emails = contacts.map(({ email }) => email);
      const changed = await db
        .update(users)
        .set({
          // Not before the logins, which would replace a cheaper one.
          passwordHash: hashes[hash],
          ...(state === 'disabled' && { disabledAt: 1 }),
        })
        .where(inArray(users.email, emails))
        .returning({ id: users.id, lockedUntil: users.lockedUntil });
      const isMade = changed.every(
        ({ lockedUntil }) => (lockedUntil !== null) === (state === 'locked'),
      );
      if (changed.length !== count || !isMade)
        throw new Error(`accounts are not ${state ?? 'open'}`);
      if (state === 'locked') {
        const lockedUntil = FAR_AWAY;
        await db.update(users).set({ lockedUntil }).where(inArray(users.email, emails));
      }
      return people;
    },
    close: () => client.close(),
  };
}
