import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAccessTokens } from '../../src/features/sessions/access-token.ts';
import { newSessionId } from '../../src/features/sessions/session.ts';
import { createSecretKeys } from '../../src/features/sessions/token-keys.ts';
import {
  accept,
  good,
  goodHeader,
  issue,
  OTHER_SECRET,
  options,
  refuse,
  SECRET,
  START,
  SUBJECT,
  setNow,
  sign,
  signRaw,
  tokens,
} from '../support/crafted-tokens.ts';

describe('an issued token', () => {
  test('verifies as the user and session it was issued for', async () => {
    expect(await tokens.verify(await issue())).toEqual({
      userId: 7,
      sessionId: 'c2Vzc2lvbg',
      expiresAtSeconds: START / 1000 + 600,
    });
  });

  test('verifies for any user id', async () => {
    const ids = fc.integer({ min: 1, max: 999_999_999_999_999 });
    await fc.assert(
      fc.asyncProperty(ids, async (userId) => {
        const token = await issue(tokens, { userId, sessionId: newSessionId() });
        expect((await tokens.verify(token)).userId).toBe(userId);
      }),
    );
  });

  test('has exactly the header of an access token', async () => {
    const token = await issue();
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'at+jwt' });
  });

  test('has exactly these claims', async () => {
    setNow(START + 1999);
    expect(decodeJwt(await issue())).toEqual({
      sub: '7',
      sid: 'c2Vzc2lvbg',
      jti: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
      iss: 'latchkey',
      aud: 'latchkey.clients',
      auth_time: START / 1000 - 91,
      iat: START / 1000 + 1,
      exp: START / 1000 + 601,
    });
  });

  test('has a unique jti', async () => {
    const issued = await Promise.all(Array.from({ length: 200 }, () => issue()));
    expect(new Set(issued.map((token) => decodeJwt(token).jti)).size).toBe(200);
  });

  test('is signed with the secret by HMAC-SHA256, as by node:crypto', async () => {
    const [header, payload, signature] = (await issue()).split('.');
    const expected = createHmac('sha256', SECRET).update(`${header}.${payload}`);
    expect(signature).toBe(expected.digest('base64url'));
  });

  test('has the configured lifetime', async () => {
    const brief = createAccessTokens({ ...options, lifetimeSeconds: 60 });
    expect((await brief.issue(SUBJECT)).expiresIn).toBe(60);
    const { iat = 0, exp = 0 } = decodeJwt(await issue(brief));
    expect(exp - iat).toBe(60);
  });

  test('is rejected by a service with another secret, issuer or audience', async () => {
    const token = await issue();
    for (const change of [
      { keys: await createSecretKeys([OTHER_SECRET]) },
      { issuer: 'someone' },
      { audience: 'someone' },
    ]) {
      const other = createAccessTokens({ ...options, ...change });
      await expect(other.verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
      await refuse(await issue(other));
    }
  });
});

describe('the crafted tokens of this file', () => {
  test('are accepted if they are not modified', async () => {
    await accept(await sign(good));
    await accept(signRaw(JSON.stringify(goodHeader), JSON.stringify(good)));
  });
});

describe('[S23] the service determines the algorithm and the key', () => {
  const payload = JSON.stringify(good);

  test('alg none is rejected, in any letter case and with any signature', async () => {
    await refuse(new UnsecuredJWT(good).encode());
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined, ['HS256'], 0]) {
      const signed = signRaw(JSON.stringify({ ...goodHeader, alg }), payload);
      await refuse(signed, `signed ${alg}`);
      await refuse(signed.slice(0, signed.lastIndexOf('.') + 1), `unsigned ${alg}`);
    }
  });

  test('HS384 and HS512 are rejected, even if signed with our secret', async () => {
    await refuse(await sign(good, { alg: 'HS384' }));
    await refuse(await sign(good, { alg: 'HS512' }));
    await refuse(signRaw('{"alg":"HS512","typ":"at+jwt"}', payload, SECRET, 'sha512'));
    await refuse(signRaw('{"alg":"HS256","typ":"at+jwt"}', payload, SECRET, 'sha512'));
  });

  test('a header that names another algorithm is rejected, even with our signature', async () => {
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS512', 'hs256', 'HS256 ', 'dir']) {
      await refuse(signRaw(JSON.stringify({ ...goodHeader, alg }), payload), alg);
    }
  });

  test('another key is rejected', async () => {
    await refuse(await sign(good, {}, OTHER_SECRET));
    await refuse(await sign(good, {}, `${SECRET} `));
    await refuse(await sign(good, {}, SECRET.slice(0, -1)));
  });

  const jwk = { kty: 'oct', k: Buffer.from(OTHER_SECRET).toString('base64url'), alg: 'HS256' };
  test.each([
    ['jwk', jwk],
    ['jku', 'https://attacker.example/jwks.json'],
    ['x5u', 'https://attacker.example/cert.pem'],
    ['x5c', ['MIIB']],
    ['kid', '1'],
    ['kid', '../../dev/null'],
    ['kid', "' OR 1=1 --"],
  ])('a key in the token’s own %s is rejected: %j', async (member, value) => {
    await refuse(await sign(good, { [member]: value }, OTHER_SECRET));
    await refuse(await sign(good, { [member]: value }), 'signed with our own secret');
    await refuse(await sign(good, { [member]: value }, ''.padEnd(64, '\0')));
  });

  test('a critical extension is rejected', async () => {
    const header = { ...goodHeader, crit: ['exp'], exp: good.exp };
    await refuse(signRaw(JSON.stringify(header), payload));
    const unencoded = { ...goodHeader, crit: ['b64'], b64: false };
    await refuse(signRaw(JSON.stringify(unencoded), payload));
  });

  test('a token with a missing, shortened or lengthened signature is rejected', async () => {
    const token = await sign(good);
    const signature = token.lastIndexOf('.') + 1;
    for (const end of [signature - 1, signature, signature + 1, token.length - 1]) {
      await refuse(token.slice(0, end));
    }
    await refuse(`${token}AA`);
    await refuse(`${token}.`);
  });

  test.each([
    ['a line feed after it', (signature: string) => `${signature}\n`],
    ['a space after it', (signature: string) => `${signature} `],
    ['a space inside', (signature: string) => `${signature.slice(0, 9)} ${signature.slice(9)}`],
    ['padding', (signature: string) => `${signature}=`],
    [
      'the alphabet of plain base64',
      (signature: string) => signature.replace(/-/g, '+').replace(/_/g, '/'),
    ],
  ])('a signature that is not base64url is rejected: %s', async (_, respell) => {
    let token = '';
    // The signature must contain `-` or `_`, which plain base64 does not have.
    for (let i = 0; !/[-_][^.]*$/.test(token); i++) token = await sign({ ...good, jti: `id-${i}` });
    await accept(token);
    const start = token.lastIndexOf('.') + 1;
    await refuse(token.slice(0, start) + respell(token.slice(start)));
  });

  test('a token with any one character changed is rejected', async () => {
    const token = await sign(good);
    // Not the last character, because some of its bits belong to no byte.
    const position = fc.integer({ min: 0, max: token.length - 2 });
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'];
    await fc.assert(
      fc.asyncProperty(position, fc.constantFrom(...letters), async (i, letter) => {
        fc.pre(token[i] !== letter);
        await refuse(token.slice(0, i) + letter + token.slice(i + 1));
      }),
    );
  });
});

describe('newSessionId', () => {
  test('it is 128 bits in base64url, and no two are equal', () => {
    const ids = Array.from({ length: 1000 }, newSessionId);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    expect(new Set(ids).size).toBe(1000);
  });
});
