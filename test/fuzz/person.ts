// A user of the fuzzer, who logs in again when a request has ended the session.
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
  /** The current password, as far as the fuzzer knows. */
  password(): string;
  login(): Login;
  /** Remembers a password from an accepted request, which may have become the current one. */
  mayHavePassword(password: string): void;
  /**
   * Logs in again, with the newest password first. Returns whether a password was accepted.
   *
   * @throws Error for a response that is neither a success nor the rejection of a password
   */
  logInAnew(): Promise<boolean>;
}

/** Together with {@link MAX_FAILURES}, fewer failures than lock an account. */
const MAX_PASSWORDS = 4;

/** Wrong passwords after which the fuzzer logs in to its accounts, which resets their count. */
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
  new Error(`A login by the fuzzer itself answered ${status}: ${text.slice(0, 300)}`);

/** Logs in. @throws Error if the API rejects the login */
export async function logIn(api: Api, username: string, password: string): Promise<Login> {
  const answer = await api.logIn(username, password);
  if (answer.status !== 200) throw unexpected(answer);
  return loginOf(answer);
}

/** Signs a user up with an email address and a phone number, and logs in. */
export async function createPerson(api: Api, name: string): Promise<Person> {
  const email = `fuzz-${randomUUID()}@example.com`;
  const phone = uniquePhone();
  // Newest first.
  let passwords = [`kzwq ${randomUUID()}`];
  const [password = ''] = passwords;
  const body = { email, phone, password, name };
  const signUp = await api.json('POST', '/api/v1/auth/signup', body);
  if (signUp.status !== 201)
    throw new Error(`A signup by the fuzzer itself failed: ${signUp.text}`);
  let current = await logIn(api, email, password);
  return {
    email,
    phone,
    password: () => passwords[0] ?? password,
    login: () => current,
    mayHavePassword(candidate) {
      // A text of any other length cannot have become the password: the API ignored its field.
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
