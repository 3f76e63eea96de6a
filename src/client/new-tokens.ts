import { type AnyAnswer, asRecord, unexpected } from './http.ts';
import type { Schema } from './operation.ts';
import type { Tokens } from './tokens.ts';

/** The tokens of a new session, as the API returns them. */
export type NewTokens = Pick<Schema<'Token'>, 'access_token' | 'refresh_token' | 'expires_in'>;

/** Creates the identifier of a login. Not a secret. */
export const newLoginName = (): string =>
  `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

export const toTokens = (given: NewTokens, login: string): Tokens => ({
  accessToken: given.access_token,
  refreshToken: given.refresh_token,
  expiresAt: Date.now() + given.expires_in * 1000,
  login,
});

/** Reads the tokens in the envelope of the phone contract, whose access token is named `token`. */
export function readEnvelope(answer: AnyAnswer, login: string): Tokens {
  const { token, ...others } = asRecord(asRecord(answer.data).data);
  return readTokens({ ...answer, data: { ...others, access_token: token } }, login);
}

/** @throws ProblemError `unexpected_answer` if the answer does not contain tokens */
export function readTokens({ status, headers, data }: AnyAnswer, login: string): Tokens {
  const { access_token, refresh_token, expires_in } = asRecord(data);
  if (
    typeof access_token !== 'string' ||
    typeof refresh_token !== 'string' ||
    typeof expires_in !== 'number'
  ) {
    throw unexpected(status, headers);
  }
  return toTokens({ access_token, refresh_token, expires_in }, login);
}
