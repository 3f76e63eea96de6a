import { createClient } from '@libsql/client';
import { and, inArray, isNotNull } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { loginFailures } from '../../src/core/db/account-schema.ts';
import { users } from '../../src/core/db/schema.ts';
import { createPasswordHasher } from '../../src/features/passwords/password-hash.ts';
import { Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import { HOSTILE_USER } from '../support/legacy-users.ts';

export const PASSWORD = 'analytical engine';
export const WRONG_PASSWORD = 'difference engine';

/** The `PASSWORD_ROUNDS` of the measured server. */
export const ROUNDS = 6;

const FAILURES_THAT_LOCK = 10;
const FAR_AWAY = 4_102_444_800_000;

const createHashes = async () => ({
  usual: await createPasswordHasher(ROUNDS).hash(PASSWORD),
  /** Created with a lower setting. */
  cheaper: await createPasswordHasher(1).hash(PASSWORD),
  /** For an account without a password. */
  none: null,
  damaged: HOSTILE_USER.hash,
});

export interface Person {
  readonly email: string;
  readonly phone: string;
  /** The `Authorization` header of a person who is logged in, otherwise empty. */
  readonly bearer: Readonly<Record<string, string>>;
}

export interface Kind {
  readonly hash?: 'usual' | 'cheaper' | 'none' | 'damaged';
  readonly state?: 'disabled' | 'locked';
  readonly isLoggedIn?: boolean;
  /** The address that is verified. */
  readonly verified?: 'email' | 'phone';
  /** True if it accepts links only, after too many wrong codes. */
  readonly isLinksOnly?: boolean;
}

export interface People {
  /** Creates `count` accounts of a kind. */
  add(kind: Kind, count: number): Promise<readonly Person[]>;
  close(): void;
}

/**
 * Creates accounts in the database file of a running server, which has created the tables. Accounts are locked with
 * ten wrong passwords over HTTP. The locks are then extended to outlast the measurement.
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

  /** Ten wrong passwords at login lock their network out of the account; ten at a change lock changes. */
  async function lock(email: string, bearer: Person['bearer'], isLoggedIn: boolean): Promise<void> {
    const change = { current_password: WRONG_PASSWORD, new_password: 'store of a thousand' };
    for (let i = 0; i < FAILURES_THAT_LOCK; i++) {
      if (isLoggedIn) await api.json('POST', '/auth/password/change', change, bearer);
      else await api.logIn(email, WRONG_PASSWORD);
    }
  }

  /** Returns how many of these accounts are locked. Extends the locks on logins. */
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
    async add({ hash = 'usual', state, isLoggedIn = false, verified, isLinksOnly }, count) {
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
        emailVerifiedAt: verified === 'email' ? 1 : null,
        phoneVerifiedAt: verified === 'phone' ? 1 : null,
        codesLockedUntil: isLinksOnly ? FAR_AWAY : null,
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
          // Set after the logins, which would replace a cheaper hash.
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
