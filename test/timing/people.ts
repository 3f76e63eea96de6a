import { createClient } from '@libsql/client';
import { and, inArray, isNotNull } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { loginFailures, users } from '../../src/core/db/schema.ts';
import { createPasswordHasher } from '../../src/features/passwords/password-hash.ts';
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

  /** Ten wrong passwords lock their network out of the account, ten at a change lock changes. */
  async function lock(email: string, bearer: Person['bearer'], isLoggedIn: boolean): Promise<void> {
    const change = { current_password: WRONG_PASSWORD, new_password: 'store of a thousand' };
    for (let i = 0; i < FAILURES_THAT_LOCK; i++) {
      if (isLoggedIn) await api.json('POST', '/auth/password/change', change, bearer);
      else await api.logIn(email, WRONG_PASSWORD);
    }
  }

  /** How many of these accounts are locked; those of logins are made to stay so. */
  async function keepLocked(ids: readonly number[], isLoggedIn: boolean): Promise<number> {
    if (isLoggedIn) {
      const failed = await db
        .select({ failures: users.changeFailures })
        .from(users)
        .where(inArray(users.id, [...ids]));
      return failed.filter(({ failures }) => failures === FAILURES_THAT_LOCK).length;
    }
    const locked = await db
      .update(loginFailures)
      .set({ lockedUntil: FAR_AWAY })
      .where(and(inArray(loginFailures.userId, [...ids]), isNotNull(loginFailures.lockedUntil)))
      .returning({ userId: loginFailures.userId });
    return locked.length;
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
        const bearer = isLoggedIn ? await logIn(contact.email) : {};
        people.push({ ...contact, bearer });
        if (state === 'locked') await lock(contact.email, bearer, isLoggedIn);
      }
      const changed = await db
        .update(users)
        .set({
          // Not before the logins, which would replace a cheaper one.
          passwordHash: hashes[hash],
          ...(state === 'disabled' && { disabledAt: 1 }),
        })
        .where(
          inArray(
            users.email,
            contacts.map(({ email }) => email),
          ),
        )
        .returning({ id: users.id });
      const ids = changed.map(({ id }) => id);
      const locked = await keepLocked(ids, isLoggedIn);
      if (changed.length !== count || locked !== (state === 'locked' ? count : 0)) {
        throw new Error(`accounts are not ${state ?? 'open'}`);
      }
      return people;
    },
    close: () => client.close(),
  };
}
