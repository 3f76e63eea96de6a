import { uniqueEmail, uniquePhone } from '../support/api.ts';
import { type Kind, PASSWORD, type People, type Person, WRONG_PASSWORD } from './people.ts';
import type { Call } from './timed-client.ts';

/** A kind of request that is rejected. */
export interface Case {
  readonly name: string;
  /** Returns the request of the next try. */
  next(): Call;
}

/** An operation, and the kinds of rejected requests whose responses must be indistinguishable. */
export interface Route {
  readonly title: string;
  /** The problem code of every response. */
  readonly code: string;
  readonly baseline: Case;
  readonly again: Case;
  readonly others: readonly Case[];
}

/** Tries per account, fewer than the ten that lock it. */
const TRIES_AN_ACCOUNT = 9;

interface Description {
  readonly name: string;
  readonly password: string;
  /** `unknown` is a name without an account, `odd` is not a valid name. */
  readonly who: Kind | 'unknown' | 'odd';
}

const wrong = (name: string, kind: Kind = {}): Description => ({
  name,
  password: WRONG_PASSWORD,
  who: kind,
});
const right = (name: string, kind: Kind): Description => ({ name, password: PASSWORD, who: kind });

const BASELINE = wrong('wrong password');
/** The baseline again, to measure the noise. */
const AGAIN = wrong('wrong password again');

/** The cases of both logins and password changes. */
const OF_ACCOUNTS: readonly Description[] = [
  wrong('locked, wrong password', { state: 'locked' }),
  right('locked, right password', { state: 'locked' }),
  wrong('cheaper hash, wrong password', { hash: 'cheaper' }),
  right('cheaper hash, locked, right password', { hash: 'cheaper', state: 'locked' }),
];

const OF_LOGINS: readonly Description[] = [
  { name: 'unknown name', password: PASSWORD, who: 'unknown' },
  { name: 'malformed name', password: PASSWORD, who: 'odd' },
  wrong('disabled, wrong password', { state: 'disabled' }),
  right('disabled, right password', { state: 'disabled' }),
  ...OF_ACCOUNTS,
  wrong('account without a password', { hash: 'none' }),
  wrong('damaged hash', { hash: 'damaged' }),
];

const NOBODY: Readonly<Record<'unknown' | 'odd', () => Person>> = {
  unknown: () => ({ email: uniqueEmail(), phone: uniquePhone(), bearer: {} }),
  odd: () => ({ email: 'neither name nor number', phone: 'neither name nor number', bearer: {} }),
};

interface Operation {
  readonly title: string;
  readonly code: string;
  readonly others: readonly Description[];
  readonly isLoggedIn: boolean;
  call(person: Person, password: string): Call;
}

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;

const OPERATIONS: readonly Operation[] = [
  {
    title: 'POST /auth/login',
    code: 'wrong_email_or_password',
    others: OF_LOGINS,
    isLoggedIn: false,
    call: ({ email: username }, password) => ({
      path: '/auth/login',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ username, password }).toString(),
    }),
  },
  {
    title: 'POST /api/v1/auth/login',
    code: 'wrong_phone_or_password',
    others: OF_LOGINS,
    isLoggedIn: false,
    call: ({ phone }, password) => ({
      path: '/api/v1/auth/login',
      headers: JSON_TYPE,
      body: JSON.stringify({ phone, password }),
    }),
  },
  {
    title: 'POST /auth/password/change',
    code: 'wrong_current_password',
    others: OF_ACCOUNTS,
    isLoggedIn: true,
    call: ({ bearer }, password) => ({
      path: '/auth/password/change',
      headers: { ...JSON_TYPE, ...bearer },
      body: JSON.stringify({ current_password: password, new_password: 'store of a thousand' }),
    }),
  },
];

/**
 * Creates the accounts of all cases.
 *
 * @param tries the maximum number of tries of each case
 */
export async function createRoutes(people: People, tries: number): Promise<readonly Route[]> {
  const createCase = async (operation: Operation, { name, password, who }: Description) => {
    if (typeof who === 'string') {
      return { name, next: () => operation.call(NOBODY[who](), password) };
    }
    // Tries on a locked or disabled account are not counted, so one account is enough.
    const count = who.state === undefined ? Math.ceil(tries / TRIES_AN_ACCOUNT) : 1;
    const accounts = await people.add({ ...who, isLoggedIn: operation.isLoggedIn }, count);
    let taken = 0;
    const next = (): Call => {
      const person = accounts[taken++ % count];
      if (!person) throw new Error('a case without an account');
      return operation.call(person, password);
    };
    return { name, next };
  };

  const routes: Route[] = [];
  for (const operation of OPERATIONS) {
    const baseline = await createCase(operation, BASELINE);
    const again = await createCase(operation, AGAIN);
    const others: Case[] = [];
    for (const description of operation.others) {
      others.push(await createCase(operation, description));
    }
    const { title, code } = operation;
    routes.push({ title, code, baseline, again, others });
  }
  return routes;
}
