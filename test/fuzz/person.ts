// Someone with an account, who logs in again whenever the fuzzer has ended their session.
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { Answer, Api } from '../support/api.ts';
import { uniquePhone } from '../support/api.ts';

export interface Login {
  readonly bearer: { readonly Authorization: string };
  readonly refreshToken: string;
  readonly sessionId: string;
}

export interface Person {
  readonly email: string;
  readonly phone: string;
  /** The one that logs in, as far as is known. */
  password(): string;
  login(): Login;
  /** A password that an accepted request has named: it may be the one by now. */
  mayHavePassword(password: string): void;
  /**
   * Logs in anew, with the newest password that does. Tells whether one did.
   *
   * @throws Error for an answer that neither lets them in nor says that the password is wrong
   */
  logInAnew(): Promise<boolean>;
}

/** With the failures that {@link MAX_FAILURES} lets pass, fewer than lock an account. */
const MAX_PASSWORDS = 4;

/** Wrong passwords for accounts of the fuzzer's own, before it logs in rightly to have them forgotten. */
export const MAX_FAILURES = 5;

const loginOf = (answer: Answer): Login => {
  const token = String(answer.at('access_token'));
  return {
    bearer: { Authorization: `Bearer ${token}` },
    refreshToken: String(answer.at('refresh_token')),
    sessionId: String(decodeJwt(token).sid),
  };
};

const unexpected = ({ status, text }: Answer): Error =>
  new Error(`A login of the fuzzer’s own answered ${status}: ${text.slice(0, 300)}`);

/** Logs in. @throws Error where the API does not let them */
export async function logIn(api: Api, username: string, password: string): Promise<Login> {
  const answer = await api.logIn(username, password);
  if (answer.status !== 200) throw unexpected(answer);
  return loginOf(answer);
}

/** Signs someone up by email address and phone number, and in. */
export async function createPerson(api: Api, name: string): Promise<Person> {
  const email = `fuzz-${randomUUID()}@example.com`;
  const phone = uniquePhone();
  // The newest first.
  let passwords = [`kzwq ${randomUUID()}`];
  const [password = ''] = passwords;
  const body = { email, phone, password, name };
  const signUp = await api.json('POST', '/api/v1/auth/signup', body);
  if (signUp.status !== 201) throw new Error(`A signup of the fuzzer’s own: ${signUp.text}`);
  let current = await logIn(api, email, password);
  return {
    email,
    phone,
    password: () => passwords[0] ?? password,
    login: () => current,
    mayHavePassword(candidate) {
      // What no password can be came in a field that the request did not mean.
      if ([...candidate].length < 8 || [...candidate].length > 256) return;
      passwords = [...new Set([candidate, ...passwords])].slice(0, MAX_PASSWORDS);
    },
    async logInAnew() {
      for (const candidate of passwords) {
        const answer = await api.logIn(email, candidate);
        if (answer.status === 400 || answer.status === 422) continue;
        if (answer.status !== 200) throw unexpected(answer);
        passwords = [candidate];
        current = loginOf(answer);
        return true;
      }
      return false;
    },
  };
}
