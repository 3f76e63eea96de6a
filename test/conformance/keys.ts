import { createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { forgeries } from '../support/forged-tokens.ts';
import type { TimedPart } from './timed-suite.ts';

const PATH = '/.well-known/jwks.json';

export const keys: TimedPart = (newApi) => {
  test(`[S25] GET ${PATH} returns only public members, and may be cached for five minutes`, async () => {
    const api = newApi();
    const answer = await api.get(PATH);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Cache-Control')).toBe('public, max-age=300');
    const published = answer.at('keys') as JWK[];
    expect(published).toHaveLength(2);
    for (const key of published) {
      const members = key.kty === 'EC' ? ['crv', 'kty', 'x', 'y'] : ['crv', 'kty', 'x'];
      expect(Object.keys(key).sort()).toEqual([...members, 'alg', 'kid', 'use'].sort());
    }
    const { token } = await api.newAccount();
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published }), {
      currentDate: new Date(api.now),
      typ: 'at+jwt',
      issuer: 'latchkey',
      audience: 'latchkey',
    });
    expect(payload.sid).toEqual(expect.any(String));
  });

  test('[S23] every token that can be forged from a token and the published keys returns 401', async () => {
    const api = newApi();
    const { token, bearer } = await api.newAccount();
    const published = (await api.get(PATH)).at('keys') as JWK[];
    for (const [name, forged] of await forgeries(token, published)) {
      const answer = await api.get('/profile/me', { Authorization: `Bearer ${forged}` });
      expect([name, answer.status, answer.at('code')]).toEqual([name, 401, 'invalid_token']);
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
    }
    expect((await api.get('/profile/me', bearer)).status).toBe(200);
  });
};
