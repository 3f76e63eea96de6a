import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAccessTokens, newTokenId } from '../../src/crypto/token.ts';

const START = Date.UTC(2026, 0, 1, 12);
const SECRET = 'a secret of the tests, long enough to sign any of HS256 and HS512 with';
const OTHER_SECRET = 'another secret of the tests, just as long and just as good as the other';
const SUBJECT = { userId: 7, sessionId: 'c2Vzc2lvbg' };

let now = START;
beforeEach(() => {
  now = START;
});

const options = {
  secretKey: SECRET,
  algorithm: 'HS256',
  issuer: 'latchkey',
  audience: 'latchkey.clients',
  lifetimeSeconds: 600,
  clock: () => now,
} as const;
const tokens = await createAccessTokens(options);

/** Claims that are all right, for a test to spoil one. */
const good = {
  sub: '7',
  sid: 'c2Vzc2lvbg',
  jti: 'dG9rZW4',
  iss: 'latchkey',
  aud: 'latchkey.clients',
  iat: START / 1000,
  exp: START / 1000 + 600,
};
const goodHeader = { alg: 'HS256', typ: 'at+jwt' };

const sign = (claims: JWTPayload, header: Record<string, unknown> = {}, secret = SECRET) =>
  new SignJWT(claims)
    .setProtectedHeader({ ...goodHeader, ...header })
    .sign(new TextEncoder().encode(secret));

/** Signs anything at all, where a library would have doubts. */
function signRaw(header: string, payload: string, secret = SECRET, hash = 'sha256'): string {
  const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

const accept = (token: string) =>
  expect(tokens.verify(token)).resolves.toEqual({
    userId: 7,
    sessionId: 'c2Vzc2lvbg',
    expiresAt: good.exp,
  });

/** The error is always the same: an attacker learns nothing from it. */
const refuse = (token: string, what: string = token) =>
  expect(tokens.verify(token), what).rejects.toMatchObject({
    name: 'AppError',
    code: 'invalid_token',
    message: 'invalid_token',
    fields: [],
    headers: {},
  });

describe('an issued token', () => {
  test('verifies as the user and session it was issued for', async () => {
    expect(await tokens.verify(await tokens.issue(SUBJECT))).toEqual({
      userId: 7,
      sessionId: 'c2Vzc2lvbg',
      expiresAt: START / 1000 + 600,
    });
  });

  test('verifies for any user id', async () => {
    const ids = fc.integer({ min: 1, max: 999_999_999_999_999 });
    await fc.assert(
      fc.asyncProperty(ids, async (userId) => {
        const token = await tokens.issue({ userId, sessionId: newTokenId() });
        expect((await tokens.verify(token)).userId).toBe(userId);
      }),
    );
  });

  test('has the header of an access token and no other member', async () => {
    const token = await tokens.issue(SUBJECT);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'at+jwt' });
  });

  test('has these claims and no other', async () => {
    now = START + 1999;
    expect(decodeJwt(await tokens.issue(SUBJECT))).toEqual({
      sub: '7',
      sid: 'c2Vzc2lvbg',
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iss: 'latchkey',
      aud: 'latchkey.clients',
      iat: START / 1000 + 1,
      exp: START / 1000 + 601,
    });
  });

  test('has a jti of its own', async () => {
    const issued = await Promise.all(Array.from({ length: 200 }, () => tokens.issue(SUBJECT)));
    expect(new Set(issued.map((token) => decodeJwt(token).jti)).size).toBe(200);
  });

  test('is signed with the secret by HMAC-SHA256, as another implementation does it', async () => {
    const [header, payload, signature] = (await tokens.issue(SUBJECT)).split('.');
    const expected = createHmac('sha256', SECRET).update(`${header}.${payload}`);
    expect(signature).toBe(expected.digest('base64url'));
  });

  test('lives as long as it was configured to', async () => {
    const brief = await createAccessTokens({ ...options, lifetimeSeconds: 60 });
    expect(brief.lifetimeSeconds).toBe(60);
    const { iat = 0, exp = 0 } = decodeJwt(await brief.issue(SUBJECT));
    expect(exp - iat).toBe(60);
  });

  test('is refused by a service of another secret, issuer or audience', async () => {
    const token = await tokens.issue(SUBJECT);
    for (const change of [
      { secretKey: OTHER_SECRET },
      { issuer: 'someone' },
      { audience: 'someone' },
    ]) {
      const other = await createAccessTokens({ ...options, ...change });
      await expect(other.verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
      await refuse(await other.issue(SUBJECT));
    }
  });
});

describe('the crafted tokens of this file', () => {
  test('verify as long as nothing about them is spoilt', async () => {
    await accept(await sign(good));
    await accept(signRaw(JSON.stringify(goodHeader), JSON.stringify(good)));
  });
});

describe('[S23] the algorithm and the key are ours to choose', () => {
  const payload = JSON.stringify(good);

  test('alg none is refused, in any letter case and with any signature', async () => {
    await refuse(new UnsecuredJWT(good).encode());
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined, ['HS256'], 0]) {
      const signed = signRaw(JSON.stringify({ ...goodHeader, alg }), payload);
      await refuse(signed, `signed ${alg}`);
      await refuse(signed.slice(0, signed.lastIndexOf('.') + 1), `unsigned ${alg}`);
    }
  });

  test('HS384 and HS512 are refused, though signed with our secret', async () => {
    await refuse(await sign(good, { alg: 'HS384' }));
    await refuse(await sign(good, { alg: 'HS512' }));
    await refuse(signRaw('{"alg":"HS512","typ":"at+jwt"}', payload, SECRET, 'sha512'));
    await refuse(signRaw('{"alg":"HS256","typ":"at+jwt"}', payload, SECRET, 'sha512'));
  });

  test('a header that tells another algorithm is refused, though the signature is ours', async () => {
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS512', 'hs256', 'HS256 ', 'dir']) {
      await refuse(signRaw(JSON.stringify({ ...goodHeader, alg }), payload), alg);
    }
  });

  test('another key is refused', async () => {
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
  ])('a key named by the token’s own %s is refused: %j', async (member, value) => {
    await refuse(await sign(good, { [member]: value }, OTHER_SECRET));
    await refuse(await sign(good, { [member]: value }, ''.padEnd(64, '\0')));
  });

  test('an extension that must be understood is refused', async () => {
    const header = { ...goodHeader, crit: ['exp'], exp: good.exp };
    await refuse(signRaw(JSON.stringify(header), payload));
    const unencoded = { ...goodHeader, crit: ['b64'], b64: false };
    await refuse(signRaw(JSON.stringify(unencoded), payload));
  });

  test('a token without its signature, or with a part of it, is refused', async () => {
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
  ])('a signature that is no base64url is refused: %s', async (_, respell) => {
    let token = '';
    // One whose signature has a character of the two that differ.
    for (let i = 0; !/[-_][^.]*$/.test(token); i++) token = await sign({ ...good, jti: `id-${i}` });
    await accept(token);
    const start = token.lastIndexOf('.') + 1;
    await refuse(token.slice(0, start) + respell(token.slice(start)));
  });

  test('a change of any one character is refused', async () => {
    const token = await sign(good);
    // The last character carries bits that belong to no byte, so it is not among them.
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

describe('[S24] every claim is checked', () => {
  const time = START / 1000;
  const wrong: [string, readonly unknown[]][] = [
    ['exp', [undefined, null, time - 5, time - 600, 0, -1, 'soon', `${good.exp}`, true, {}]],
    ['nbf', [time + 6, time + 600, 'soon', `${time}`, null, {}]],
    ['iss', [undefined, null, '', 'someone', 'Latchkey', 'latchkey ', 5, ['latchkey'], {}]],
    ['aud', [undefined, null, '', 'someone', 'latchkey', [], ['someone'], 5, {}]],
    ['sub', [undefined, null, '', '0', '-7', '+7', '07', '7 ', ' 7', '7\n', '7.0', '7e0', '0x7']],
    ['sub', ['seven', '٧', '1'.repeat(16), '9007199254740993', 7, true, ['7'], {}]],
    ['sid', [undefined, null, '', 'x'.repeat(129), 5, true, ['c2Vzc2lvbg'], {}]],
    ['jti', [undefined, null, '', 'x'.repeat(129), 5, true, ['dG9rZW4'], {}]],
    ['iat', [undefined, null, '', 'now', `${time}`, 1.5, true, {}]],
  ];

  test.each(wrong)('a missing or wrong %s is refused: %j', async (claim, values) => {
    for (const value of values) {
      const claims = JSON.stringify({ ...good, [claim]: value });
      await refuse(signRaw(JSON.stringify(goodHeader), claims), claims);
    }
  });

  test('a missing or wrong typ is refused', async () => {
    for (const typ of [
      undefined,
      null,
      '',
      'JWT',
      'jwt',
      'at',
      'rt+jwt',
      'at+jwt ',
      5,
      ['at+jwt'],
    ]) {
      const header = JSON.stringify({ ...goodHeader, typ });
      await refuse(signRaw(header, JSON.stringify(good)), header);
    }
  });

  test('a token of our own issue ends five seconds after it expires, and not before', async () => {
    const token = await tokens.issue(SUBJECT);
    for (const seconds of [0, 599, 600, 604]) {
      now = START + seconds * 1000;
      await accept(token);
    }
    now = START + 604_999;
    await accept(token);
    for (const seconds of [605, 606, 86_400]) {
      now = START + seconds * 1000;
      await refuse(token, `${seconds} seconds on`);
    }
  });

  test('nbf may be five seconds ahead, and no more', async () => {
    for (const nbf of [time - 600, time, time + 5]) await accept(await sign({ ...good, nbf }));
    await refuse(await sign({ ...good, nbf: time + 6 }));
  });

  test('an audience among others is ours too', async () => {
    await accept(await sign({ ...good, aud: ['someone', 'latchkey.clients'] }));
  });

  test('the longest sub, sid and jti are taken', async () => {
    const [sub, sid, jti] = ['9'.repeat(15), 's'.repeat(128), 'j'.repeat(128)];
    expect(await tokens.verify(await sign({ ...good, sub, sid, jti }))).toEqual({
      userId: 999_999_999_999_999,
      sessionId: sid,
      expiresAt: good.exp,
    });
  });

  test('a payload that is no object is refused', async () => {
    for (const payload of ['', 'null', '5', '"7"', '[]', `[${JSON.stringify(good)}]`, '{', '\0']) {
      await refuse(signRaw(JSON.stringify(goodHeader), payload), payload);
    }
  });

  test('a header that is no object is refused', async () => {
    for (const header of ['', 'null', '5', '"HS256"', '[]', '{', '{}']) {
      await refuse(signRaw(header, JSON.stringify(good)), header);
    }
  });

  test('claims of the prototype do not count', async () => {
    const { sub: _, ...rest } = good;
    const inherited = JSON.stringify(rest).replace('{', '{"__proto__":{"sub":"7"},');
    await refuse(signRaw(JSON.stringify(goodHeader), inherited));
  });
});

describe('hostile tokens', () => {
  const withPadding = (length: number) => sign({ ...good, pad: 'x'.repeat(length) });

  test('more than 4,096 characters are refused, though the signature is ours', async () => {
    const [large, oversized] = [await withPadding(2500), await withPadding(2900)];
    expect(large.length).toBeGreaterThan(3500);
    expect(large.length).toBeLessThanOrEqual(4096);
    expect(oversized.length).toBeGreaterThan(4096);
    await accept(large);
    await refuse(oversized);
    await refuse('x'.repeat(10_000_000), 'ten million characters');
    await refuse('.'.repeat(10_000_000), 'ten million dots');
  });

  test.each([
    '',
    ' ',
    '.',
    '..',
    '...',
    'a.b.c',
    'null',
    '{}',
    'e30.e30.',
    'é.é.é',
    '\ud800',
    '\0',
  ])('%j is refused', async (token) => {
    await refuse(token);
  });

  test('a good token with something around it is refused', async () => {
    const token = await tokens.issue(SUBJECT);
    const around = [
      ` ${token}`,
      `\n${token}`,
      `Bearer ${token}`,
      `"${token}"`,
      `${token},${token}`,
    ];
    for (const text of around) await refuse(text);
  });

  test('any text at all is refused and gives no other error', async () => {
    const loneSurrogates = fc
      .array(fc.integer({ min: 0, max: 0xffff }))
      .map((units) => String.fromCharCode(...units));
    const part = fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b).toString('base64url'));
    const threeParts = fc.tuple(part, part, part).map((parts) => parts.join('.'));
    const texts = fc.oneof(fc.string({ unit: 'binary' }), loneSurrogates, threeParts);
    await fc.assert(
      fc.asyncProperty(texts, async (token) => {
        await refuse(token);
      }),
    );
  });

  test('any JSON at all, signed by us as header or payload, is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        await refuse(signRaw(text, JSON.stringify(good)));
        await refuse(signRaw(JSON.stringify(goodHeader), text));
      }),
    );
  });
});

describe('newTokenId', () => {
  test('it is 128 bits in base64url, and no two are alike', () => {
    const ids = Array.from({ length: 1000 }, newTokenId);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    expect(new Set(ids).size).toBe(1000);
  });
});
