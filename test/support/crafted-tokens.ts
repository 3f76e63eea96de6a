import { createHmac } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { beforeEach, expect } from 'vitest';
import {
  type AccessTokens,
  createAccessTokens,
  type TokenSubject,
} from '../../src/features/sessions/access-token.ts';
import { createSecretKeys } from '../../src/features/sessions/token-keys.ts';

export const START = Date.UTC(2026, 0, 1, 12);
export const SECRET = 'a secret for tests, long enough to sign any of HS256 and HS512 with';
export const OTHER_SECRET = 'another secret for tests, just as long and just as good as the other';
/** The subject of the tokens. Its session ends long after they expire. */
export const SUBJECT = {
  userId: 7,
  sessionId: 'c2Vzc2lvbg',
  authTime: START - 90_001,
  notAfter: START + 86_400_000,
};

let now = START;

/** Sets the clock of the tokens under test, in milliseconds since 1970. */
export function setNow(milliseconds: number): void {
  now = milliseconds;
}

beforeEach(() => {
  now = START;
});

export const options = {
  keys: await createSecretKeys([SECRET]),
  issuer: 'latchkey',
  audience: 'latchkey.clients',
  lifetimeSeconds: 600,
  clock: () => now,
} as const;
export const tokens = createAccessTokens(options);

/** Issues a token for the subject, with optional changes. */
export const issue = async (by: AccessTokens = tokens, change: Partial<TokenSubject> = {}) =>
  (await by.issue({ ...SUBJECT, ...change })).token;

/** Valid claims. Each test changes one of them. */
export const good = {
  sub: '7',
  sid: 'c2Vzc2lvbg',
  jti: 'dG9rZW4',
  iss: 'latchkey',
  aud: 'latchkey.clients',
  auth_time: START / 1000 - 90,
  iat: START / 1000,
  exp: START / 1000 + 600,
};
export const goodHeader = { alg: 'HS256', typ: 'at+jwt' };

export const sign = (claims: JWTPayload, header: Record<string, unknown> = {}, secret = SECRET) =>
  new SignJWT(claims)
    .setProtectedHeader({ ...goodHeader, ...header })
    .sign(new TextEncoder().encode(secret));

/** Signs arbitrary text. Can create tokens that a library would refuse to sign. */
export function signRaw(header: string, payload: string, secret = SECRET, hash = 'sha256'): string {
  const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

export const accept = (token: string) =>
  expect(tokens.verify(token)).resolves.toEqual({
    userId: 7,
    sessionId: 'c2Vzc2lvbg',
    expiresAtSeconds: good.exp,
  });

/** Expects the same error for every invalid token, so that an attacker learns nothing from it. */
export const refuse = (token: string, what: string = token) =>
  expect(tokens.verify(token), what).rejects.toMatchObject({
    name: 'AppError',
    code: 'invalid_token',
    message: 'invalid_token',
    fields: [],
    headers: {},
  });
