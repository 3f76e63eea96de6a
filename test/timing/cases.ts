import { uniqueEmail, uniquePhone } from '../support/api.ts';
import { type Kind, PASSWORD, type People, type Person, WRONG_PASSWORD } from './people.ts';
import type { Call } from './timed-client.ts';

/** A kind of request. */
export interface Case {
  readonly name: string;
  /** Returns the request of the next try. */
  next(): Call;
}

/** An operation, and the kinds of requests whose responses must be indistinguishable. */
export interface Route {
  readonly title: string;
  /** What every response contains. */
  readonly mark: string;
  /** How many times as many tries it needs: a fast response has more noise. */
  readonly factor: number;
  readonly baseline: Case;
  readonly again: Case;
  readonly others: readonly Case[];
}

/** Tries per account, fewer than the ten that lock it. */
const TRIES_AN_ACCOUNT = 9;
/** An account gets one message a minute. */
const MESSAGES_AN_ACCOUNT = 1;
const FAST = 4;

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

const asking = (name: string, who: Description['who']): Description => ({
  name,
  password: '',
  who,
});

/** Codes go to verified addresses alone; a forgotten password is reset by any. */
const OF_REQUESTS: readonly Description[] = [
  asking('unknown name', 'unknown'),
  asking('malformed name', 'odd'),
  asking('disabled', { state: 'disabled' }),
  asking('another verified address', { verified: 'phone' }),
  asking('after too many wrong codes', { verified: 'email', isLinksOnly: true }),
];

interface Operation {
  readonly title: string;
  readonly mark: string;
  readonly factor?: number;
  readonly triesAnAccount?: number;
  readonly baseline?: Description;
  readonly others: readonly Description[];
  readonly isLoggedIn: boolean;
  call(person: Person, password: string): Call;
}

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;

const OPERATIONS: readonly Operation[] = [
  {
    title: 'POST /auth/login',
    mark: '"code":"wrong_email_or_password"',
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
    mark: '"code":"wrong_phone_or_password"',
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
    mark: '"code":"wrong_current_password"',
    others: OF_ACCOUNTS,
    isLoggedIn: true,
    call: ({ bearer }, password) => ({
      path: '/auth/password/change',
      headers: { ...JSON_TYPE, ...bearer },
      body: JSON.stringify({ current_password: password, new_password: 'store of a thousand' }),
    }),
  },
  ...['/auth/password/forgot', '/auth/code'].map(
    (path): Operation => ({
      title: `POST ${path}`,
      mark: '202\n',
      factor: FAST,
      triesAnAccount: MESSAGES_AN_ACCOUNT,
      baseline: asking('verified address', { verified: 'email' }),
      others: [...OF_REQUESTS, asking('unverified address', {})],
      isLoggedIn: false,
      call: ({ email: username }) => ({
        path,
        headers: JSON_TYPE,
        body: JSON.stringify({ username }),
      }),
    }),
  ),
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
    const { factor = 1, triesAnAccount = TRIES_AN_ACCOUNT } = operation;
    // Tries of passwords on a locked or disabled account are not counted, so one account is enough.
    const isOneEnough = who.state !== undefined && triesAnAccount > 1;
    const count = isOneEnough ? 1 : Math.ceil((tries * factor) / triesAnAccount);
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
    const { title, mark, factor = 1, baseline: usual = BASELINE } = operation;
    const baseline = await createCase(operation, usual);
    const again = await createCase(operation, { ...usual, name: `${usual.name} again` });
    const others: Case[] = [];
    for (const description of operation.others) {
      others.push(await createCase(operation, description));
    }
    routes.push({ title, mark, factor, baseline, again, others });
  }
  return routes;
}
