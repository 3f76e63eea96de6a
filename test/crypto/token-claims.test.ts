import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accept,
  good,
  goodHeader,
  issue,
  refuse,
  START,
  setNow,
  sign,
  signRaw,
  tokens,
} from '../support/crafted-tokens.ts';

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
    ['auth_time', [null, '', 'now', `${time}`, 1.5, true, {}]],
    ['iat', [undefined, null, '', 'now', `${time}`, 1.5, true, {}]],
  ];

  test.each(wrong)('a missing or wrong %s is rejected: %j', async (claim, values) => {
    for (const value of values) {
      const claims = JSON.stringify({ ...good, [claim]: value });
      await refuse(signRaw(JSON.stringify(goodHeader), claims), claims);
    }
  });

  test('a missing or wrong typ is rejected', async () => {
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

  test('an issued token is accepted until five seconds after it expires', async () => {
    const token = await issue();
    for (const seconds of [0, 599, 600, 604]) {
      setNow(START + seconds * 1000);
      await accept(token);
    }
    setNow(START + 604_999);
    await accept(token);
    for (const seconds of [605, 606, 86_400]) {
      setNow(START + seconds * 1000);
      await refuse(token, `${seconds} seconds on`);
    }
  });

  test('nbf may be at most five seconds in the future', async () => {
    for (const nbf of [time - 600, time, time + 5]) await accept(await sign({ ...good, nbf }));
    await refuse(await sign({ ...good, nbf: time + 6 }));
  });

  test('auth_time may be missing, as in tokens of older releases', async () => {
    const { auth_time: _, ...older } = good;
    await accept(await sign(older));
  });

  test('our audience may be one of several', async () => {
    await accept(await sign({ ...good, aud: ['someone', 'latchkey.clients'] }));
  });

  test('the longest sub, sid and jti are accepted', async () => {
    const [sub, sid, jti] = ['9'.repeat(15), 's'.repeat(128), 'j'.repeat(128)];
    expect(await tokens.verify(await sign({ ...good, sub, sid, jti }))).toEqual({
      userId: 999_999_999_999_999,
      sessionId: sid,
      expiresAtSeconds: good.exp,
    });
  });

  test('a payload that is not an object is rejected', async () => {
    for (const payload of ['', 'null', '5', '"7"', '[]', `[${JSON.stringify(good)}]`, '{', '\0']) {
      await refuse(signRaw(JSON.stringify(goodHeader), payload), payload);
    }
  });

  test('a header that is not an object is rejected', async () => {
    for (const header of ['', 'null', '5', '"HS256"', '[]', '{', '{}']) {
      await refuse(signRaw(header, JSON.stringify(good)), header);
    }
  });

  test('claims in __proto__ are ignored', async () => {
    const { sub: _, ...rest } = good;
    const inherited = JSON.stringify(rest).replace('{', '{"__proto__":{"sub":"7"},');
    await refuse(signRaw(JSON.stringify(goodHeader), inherited));
  });
});

describe('hostile tokens', () => {
  const withPadding = (length: number) => sign({ ...good, pad: 'x'.repeat(length) });

  test('more than 4,096 characters are rejected, even with a valid signature', async () => {
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
  ])('%j is rejected', async (token) => {
    await refuse(token);
  });

  test('a valid token with text around it is rejected', async () => {
    const token = await issue();
    const around = [
      ` ${token}`,
      `\n${token}`,
      `Bearer ${token}`,
      `"${token}"`,
      `${token},${token}`,
    ];
    for (const text of around) await refuse(text);
  });

  test('any text is rejected, without another error', async () => {
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

  test('any JSON as header or payload, signed with our key, is rejected', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        await refuse(signRaw(text, JSON.stringify(good)));
        await refuse(signRaw(JSON.stringify(goodHeader), text));
      }),
    );
  });
});
