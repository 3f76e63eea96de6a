// Session helpers that the parts of the suite share.
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import type { Account, Answer, Api } from '../support/api.ts';

export interface Login {
  readonly bearer: { readonly Authorization: string };
  readonly refreshToken: string;
  readonly sessionId: string;
}

export function loginOf(answer: Answer): Login {
  expect(answer.status).toBe(200);
  const token = String(answer.at('access_token'));
  return {
    bearer: { Authorization: `Bearer ${token}` },
    refreshToken: String(answer.at('refresh_token')),
    sessionId: String(decodeJwt(token).sid),
  };
}

export const logIn = async (
  api: Api,
  { email, password }: Pick<Account, 'email' | 'password'>,
): Promise<Login> => loginOf(await api.logIn(email, password));

export const refresh = (api: Api, token: string): Promise<Answer> =>
  api.json('POST', '/auth/refresh', { refresh_token: token });

export const logOut = (api: Api, { bearer }: Pick<Login, 'bearer'>): Promise<Answer> =>
  api.request('POST', '/auth/logout', { headers: bearer });

/** True if the server accepts the access token. */
export const isLoggedIn = async (api: Api, { bearer }: Pick<Login, 'bearer'>): Promise<boolean> => {
  const { status } = await api.get('/profile/me', bearer);
  expect([200, 401]).toContain(status);
  return status === 200;
};

/** Returns the audit events of the user, newest first, as `action outcome`. */
export const actions = async (api: Api, { bearer }: Pick<Login, 'bearer'>): Promise<string[]> => {
  const events = (await api.get('/auth/activity', bearer)).at('events') as {
    action: string;
    outcome: string;
  }[];
  return events.map(({ action, outcome }) => `${action} ${outcome}`);
};
