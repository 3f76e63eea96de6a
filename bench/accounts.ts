// Creates users over HTTP, through the public API.

export const PASSWORD = 'analytical engine 1843';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The body of the response, as text. */
  readonly text: string;
}

export interface Account {
  readonly email: string;
  /** The tokens from each login. */
  readonly logins: readonly Tokens[];
}

/**
 * Sends a request. Returns the body.
 *
 * @throws Error if the status is not the expected one
 */
export async function ask(
  port: number,
  path: string,
  init: RequestInit = {},
  expected = 200,
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  const text = await response.text();
  if (response.status === expected) return text;
  throw new Error(`${init.method ?? 'GET'} ${path} answered ${response.status}: ${text}`);
}

/**
 * Signs up users and logs in each of them.
 *
 * @param loginsEach the number of logins per user
 * @param name the start of the email addresses; must differ between calls
 */
export async function createAccounts(
  port: number,
  count: number,
  loginsEach: number,
  name = 'ada.lovelace',
): Promise<Account[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const email = `${name}.${i}@example.com`;
      await signUp(port, email);
      const logins: Tokens[] = [];
      for (let login = 0; login < loginsEach; login++) logins.push(await logIn(port, email));
      return { email, logins };
    }),
  );
}

async function signUp(port: number, email: string): Promise<void> {
  const body = JSON.stringify({ email, password: PASSWORD, name: 'Ada Lovelace' });
  const headers = { 'Content-Type': 'application/json' };
  await ask(port, '/auth/signup', { method: 'POST', headers, body }, 201);
}

async function logIn(port: number, email: string): Promise<Tokens> {
  const body = new URLSearchParams({ username: email, password: PASSWORD });
  const text = await ask(port, '/auth/login', { method: 'POST', body });
  const answer: unknown = JSON.parse(text);
  return { accessToken: member(answer, 'access_token'), refreshToken: memberOr(answer), text };
}

/**
 * Returns a string member.
 *
 * @throws Error if it is missing or not a string
 */
export function member(answer: unknown, name: string): string {
  if (typeof answer === 'object' && answer !== null) {
    const value: unknown = Object.entries(answer).find(([key]) => key === name)?.[1];
    if (typeof value === 'string') return value;
  }
  throw new Error(`an answer without ${name}`);
}

/** Returns an empty text if there is no refresh token: the peers have none. */
const memberOr = (answer: unknown): string =>
  typeof answer === 'object' && answer !== null && 'refresh_token' in answer
    ? member(answer, 'refresh_token')
    : '';
