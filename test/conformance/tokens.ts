import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { createRefreshTokens } from '../../src/features/sessions/refresh-token.ts';
import type { Account } from '../support/api.ts';
import { DISABLED_USER } from '../support/legacy-users.ts';
import { TEST_CLOCK_HEADER } from '../support/movable-clock/header.ts';
import { testSettings } from '../support/test-app.ts';
import type { Part } from './suite.ts';

const PROTECTED = [
  ['POST', '/auth/logout'],
  ['POST', '/auth/password/change'],
  ['POST', '/auth/reauthenticate'],
  ['GET', '/auth/sessions'],
  ['DELETE', '/auth/sessions'],
  ['DELETE', '/auth/sessions/unknown'],
  ['GET', '/auth/devices'],
  ['DELETE', '/auth/devices/unknown'],
  ['GET', '/auth/activity'],
  ['GET', '/profile/me'],
  ['PUT', '/profile/me'],
  ['PATCH', '/profile/me'],
  ['GET', '/api/v1/user/profile'],
] as const;

const secret = new TextEncoder().encode(testSettings.SECRET_KEY);

/** Valid claims. Each test changes one of them. */
const goodClaims = ({ id, token }: Pick<Account, 'id' | 'token'>) => {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: String(id),
    sid: decodeJwt(token).sid,
    jti: 'dG9rZW4',
    iss: 'latchkey',
    aud: 'latchkey',
    iat: now,
    exp: now + 600,
  };
};

const sign = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header }).sign(secret);

export const tokens: Part = (api) => {
  test('a token contains its user, issuer, audience and expiry, and no personal data', async () => {
    const { id, token } = await api().newAccount();
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'at+jwt' });
    const claims = decodeJwt(token);
    expect(claims).toEqual({
      sub: String(id),
      sid: expect.stringMatching(/^[\w-]{22}$/),
      jti: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
      iss: 'latchkey',
      aud: 'latchkey',
      auth_time: claims.iat,
      iat: expect.any(Number),
      exp: Number(claims.iat) + 3600,
    });
  });

  test('a request cannot set the server’s clock', async () => {
    const { email, password, bearer } = await api().newAccount();
    for (const time of [0, Date.now() + 400 * 86_400_000]) {
      const headers = { ...bearer, [TEST_CLOCK_HEADER]: String(time) };
      expect((await api().get('/profile/me', headers)).status).toBe(200);
      const login = await api().request('POST', '/auth/login', {
        headers: { [TEST_CLOCK_HEADER]: String(time) },
        body: new URLSearchParams({ username: email, password }),
      });
      const { iat = 0 } = decodeJwt(String(login.at('access_token')));
      expect(Math.abs(iat * 1000 - Date.now())).toBeLessThan(60_000);
    }
  });

  test('[S25] GET /.well-known/jwks.json reveals nothing about a secret that signs with HS256', async () => {
    const answer = await api().get('/.well-known/jwks.json');
    expect([answer.status, answer.body]).toEqual([200, { keys: [] }]);
  });

  test('[S18] each login has a session id of its own', async () => {
    const { email, password, token } = await api().newAccount();
    const again = String((await api().logIn(email, password)).at('access_token'));
    expect(decodeJwt(again).sid).not.toBe(decodeJwt(token).sid);
    expect(decodeJwt(again).jti).not.toBe(decodeJwt(token).jti);
  });

  test.each(PROTECTED)(
    '[S26] %s %s without a token returns 401 Bearer, without an error',
    async (method, path) => {
      const body =
        method === 'GET' ? {} : { body: '{}', headers: { 'Content-Type': 'application/json' } };
      const answers = [
        await api().request(method, path, body),
        await api().request(method, path, { headers: { Authorization: 'Basic YWRhOnB3' } }),
        await api().request(method, `${path}?access_token=${(await api().newAccount()).token}`),
      ];
      for (const answer of answers) {
        expect([answer.status, answer.at('detail')]).toEqual([401, 'Not authenticated']);
        expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer');
      }
    },
  );

  test.each(PROTECTED)(
    '[S26] %s %s with an invalid token returns 401 invalid_token',
    async (method, path) => {
      for (const token of ['', 'x', 'a.b.c', 'x'.repeat(5000), '../../etc/passwd', 'two words']) {
        const answer = await api().request(method, path, {
          headers: { Authorization: `Bearer ${token}` },
        });
        expect([answer.status, answer.at('detail')]).toEqual([
          401,
          // The details of the two contracts differ.
          path.startsWith('/api/v1/')
            ? 'Could not validate credentials'
            : 'Could not validate credentials.',
        ]);
        expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
      }
    },
  );

  test('the token is checked before the body: 401 takes precedence over 422', async () => {
    expect((await api().json('PUT', '/profile/me', { name: 5 })).status).toBe(401);
  });

  test('more than one space before the token returns 401', async () => {
    const { token } = await api().newAccount();
    for (const spaces of ['  ', ' '.repeat(5000)]) {
      const answer = await api().get('/profile/me', { Authorization: `Bearer${spaces}${token}` });
      expect(answer.status).toBe(401);
    }
  });

  test('the scheme is accepted in any letter case', async () => {
    const { token } = await api().newAccount();
    for (const scheme of ['bearer', 'BEARER']) {
      const answer = await api().get('/profile/me', { Authorization: `${scheme} ${token}` });
      expect(answer.status).toBe(200);
    }
  });

  test('[S23] a token with another algorithm, with another key or with a key in its header returns 401', async () => {
    const claims = goodClaims(await api().newAccount());
    expect(
      (await api().get('/profile/me', { Authorization: `Bearer ${await sign(claims)}` })).status,
    ).toBe(200);
    const otherKey = new TextEncoder().encode('another secret, just as long as the right one');
    const jwk = { kty: 'oct', k: Buffer.from(otherKey).toString('base64url') };
    const headers = { alg: 'HS256', typ: 'at+jwt' };
    const forged = [
      new UnsecuredJWT(claims).encode(),
      await sign(claims, { alg: 'HS512' }),
      await new SignJWT(claims).setProtectedHeader(headers).sign(otherKey),
      await new SignJWT(claims).setProtectedHeader({ ...headers, kid: '1' }).sign(otherKey),
      // biome-ignore format: one forgery a line
      await new SignJWT(claims).setProtectedHeader({ ...headers, jwk }).sign(otherKey),
      await new SignJWT(claims)
        .setProtectedHeader({ ...headers, jku: api().baseUrl })
        .sign(otherKey),
      await new SignJWT(claims)
        .setProtectedHeader({ ...headers, x5u: api().baseUrl })
        .sign(otherKey),
      await sign(claims, { typ: 'JWT' }),
      await sign(claims, { typ: 'rt+jwt' }),
      (await sign(claims)).slice(0, -2),
    ];
    for (const token of forged) {
      const answer = await api().get('/profile/me', { Authorization: `Bearer ${token}` });
      expect([answer.status, answer.at('code')]).toEqual([401, 'invalid_token']);
    }
  });

  test('[S24] each missing or wrong claim returns 401', async () => {
    const account = await api().newAccount();
    const { id } = account;
    const good = goodClaims(account);
    const now = good.iat;
    const wrong: [keyof typeof good | 'nbf', unknown[]][] = [
      ['exp', [undefined, now - 60, 'soon']],
      ['nbf', [now + 60]],
      ['iss', [undefined, 'someone', 5]],
      ['aud', [undefined, 'someone', []]],
      ['sub', [undefined, '', '0', '-1', '1.5', 'one', '1e3', `${id} `, '9'.repeat(15), 5]],
      ['sid', [undefined, '', 5, 'c2Vzc2lvbg']],
      ['jti', [undefined, '']],
      ['iat', [undefined, 'now']],
    ];
    for (const [claim, values] of wrong) {
      for (const value of values) {
        const token = await sign({ ...good, [claim]: value });
        const answer = await api().get('/profile/me', { Authorization: `Bearer ${token}` });
        expect([claim, value, answer.status]).toEqual([claim, value, 401]);
      }
    }
  });

  test('a disabled user is rejected: access token, refresh token and login', async () => {
    const { id, email, password, sessionId } = DISABLED_USER;
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: String(id), sid: sessionId, jti: 'x', iss: 'latchkey', aud: 'latchkey' };
    const token = await sign({ ...claims, iat: now, exp: now + 600 });
    const answer = await api().get('/profile/me', { Authorization: `Bearer ${token}` });
    expect([answer.status, answer.at('code')]).toEqual([401, 'invalid_token']);
    const { mint } = await createRefreshTokens([testSettings.SECRET_KEY]);
    const refresh_token = await mint({ sessionId, count: 0 });
    const refreshed = await api().json('POST', '/auth/refresh', { refresh_token });
    expect([refreshed.status, refreshed.at('code')]).toEqual([401, 'invalid_refresh_token']);
    expect((await api().logIn(email, password)).status).toBe(400);
  });

  test('the token of a user who does not exist returns 401', async () => {
    const { token: own } = await api().newAccount();
    const token = await sign(goodClaims({ id: 999_999_999, token: own }));
    const answer = await api().get('/profile/me', { Authorization: `Bearer ${token}` });
    expect([answer.status, answer.at('code')]).toEqual([401, 'invalid_token']);
  });
};
