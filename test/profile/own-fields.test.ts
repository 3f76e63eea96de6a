import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/core/db/schema.ts';
import { OWN_VALUES } from '../support/own-fields.ts';
import { createProfileRoom as open } from '../support/profile-room.ts';
import { bearer } from '../support/test-app.ts';

describe('PATCH /profile/me with own fields', () => {
  test('stores a value of each kind, and answers them', async () => {
    const { patch, get } = await open();
    expect((await get()).body.fields).toEqual({});
    const { status, body } = await patch({ fields: OWN_VALUES });
    expect([status, body.fields]).toEqual([200, OWN_VALUES]);
    expect((await get()).body.fields).toEqual(OWN_VALUES);
  });

  test('merges member by member: null clears one, null for all clears all, {} changes nothing', async () => {
    const { patch, get, stored } = await open();
    await patch({ fields: { city: 'Pune', year: 1915, tags: ['a', 'b'] } });
    expect((await patch({ fields: { city: null, tags: ['c'] } })).body.fields).toEqual({
      year: 1915,
      tags: ['c'],
    });
    const before = (await get()).headers.get('ETag');
    expect((await patch({ fields: {} })).headers.get('ETag')).toBe(before);
    expect((await patch({ fields: { year: null, tags: null } })).body.fields).toEqual({});
    expect(await stored()).toBeNull();
    await patch({ fields: { city: 'Pune' } });
    expect((await patch({ name: 'Ada', fields: null })).body).toMatchObject({
      name: 'Ada',
      fields: {},
    });
    expect(await stored()).toBeNull();
  });

  test('applies any sequence of patches as RFC 7396 says', async () => {
    const { patch } = await open();
    const value = {
      city: fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 20 })),
      height: fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
      news: fc.option(fc.boolean()),
      tags: fc.option(
        fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 5 }), { maxLength: 3 }),
      ),
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record(value, { requiredKeys: [] }), { maxLength: 4 }),
        async (patches) => {
          await patch({ fields: null });
          let expected: Record<string, unknown> = {};
          for (const fields of patches) {
            expected = Object.fromEntries(
              Object.entries({ ...expected, ...fields }).filter(([, each]) => each !== null),
            );
            const { status, body } = await patch({ fields });
            expect([status, body.fields]).toEqual([200, JSON.parse(JSON.stringify(expected))]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('keeps both of two concurrent patches of different fields, and all of twenty', async () => {
    const { patch, get } = await open();
    const patches = [
      { city: 'Pune' },
      { year: 1915 },
      { news: true },
      { size: 'S' },
      { height: 1.5 },
    ];
    const answers = await Promise.all(patches.map((fields) => patch({ fields })));
    expect(answers.map(({ status }) => status)).toEqual(patches.map(() => 200));
    expect((await get()).body.fields).toEqual(Object.assign({}, ...patches));
  });

  test('[S87] answers 422 with the place and the rule, never the value, and stores nothing', async () => {
    const { patch, stored } = await open();
    const { status, body } = await patch({
      fields: {
        ...{
          city: 5,
          about: 'secret\u0000',
          site: 'javascript:secret',
          born: '2026-02-30',
          size: 'secret',
        },
        ...{
          year: 1899,
          height: 'secret',
          news: 'yes',
          tongues: ['en', 'secret'],
          tags: ['a', 'b', 'c', 'd'],
        },
        ...{ secret: 1, other: 2 },
      },
    });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors?.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['#/fields/city', 'wrong_type'],
      ['#/fields/about', 'control_character'],
      ['#/fields/site', 'invalid_uri'],
      ['#/fields/born', 'invalid_date'],
      ['#/fields/size', 'invalid_value'],
      ['#/fields/year', 'too_small'],
      ['#/fields/height', 'wrong_type'],
      ['#/fields/news', 'wrong_type'],
      ['#/fields/tongues/1', 'invalid_value'],
      ['#/fields/tags', 'too_many'],
      ['#/fields', 'unknown_field'],
    ]);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(await stored()).toBeNull();
  });

  test.each<[string, unknown]>([
    ['a text', 'x'],
    ['a list', []],
    ['an object in a field', { city: { a: 1 } }],
    ['null of an undeclared field', { other: null }],
    ['a name of Object.prototype', { constructor: 'x' }],
    ['toString', { toString: 'x' }],
  ])('[S87] answers 422 to %s', async (_, fields) => {
    const { patch, stored } = await open();
    expect((await patch({ fields })).status).toBe(422);
    expect(await stored()).toBeNull();
  });

  test('[S87] __proto__ is a field that is not declared', async () => {
    const { app, user, stored } = await open();
    const body = '{"fields":{"__proto__":{"city":"Pune"}}}';
    const headers = { ...bearer(user.token), 'Content-Type': 'application/json' };
    const response = await app.request('/profile/me', { method: 'PATCH', headers, body });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ pointer: '#/fields', code: 'unknown_field' }],
    });
    expect(await stored()).toBeNull();
    expect(Object.hasOwn(Object.prototype, 'city')).toBe(false);
  });

  test('[S87] answers 422 to values of more than 8 KB in all, by one patch or several; other fields stay', async () => {
    const properties = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [name, { type: 'string', maxLength: 4096 }]),
    );
    const { patch, get, stored } = await open({
      PROFILE_FIELDS: JSON.stringify({ type: 'object', properties }),
    });
    const limit = 8192 - '{"a":"","b":""}'.length;
    const [first, second] = ['é'.repeat(2048), 'x'.repeat(limit - 4096)];
    expect((await patch({ fields: { a: first, b: second } })).status).toBe(200);
    expect(Buffer.byteLength((await stored()) ?? '')).toBe(8192);
    const etag = (await get()).headers.get('ETag') ?? '';
    for (const headers of [{}, { 'If-Match': etag }]) {
      const { status, body } = await patch({ name: 'Ada', fields: { c: '' } }, headers);
      expect([status, body.errors?.[0]]).toMatchObject([
        422,
        { pointer: '#/fields', code: 'too_long' },
      ]);
    }
    expect((await patch({ fields: { c: '' } }, { 'If-Match': '"1-1"' })).status).toBe(412);
    expect((await get()).body).toMatchObject({ name: null, fields: { a: first, b: second } });
    expect((await patch({ fields: { a: null, c: 'y' } })).body.fields).toEqual({
      b: second,
      c: 'y',
    });
  });

  test('records the names of what it changes, without values', async () => {
    const { db, patch, user } = await open();
    await patch({ time_zone: 'UTC', fields: { city: 'Pune' } });
    const [event] = await db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.action, 'profile_update'));
    expect(event).toMatchObject({
      subjectId: user.id,
      detail: '{"fields":["time_zone","fields"]}',
    });
  });
});

describe('PATCH /profile/me with a language and a time zone', () => {
  test('stores them in their usual letter case, and null clears them', async () => {
    const { patch } = await open({});
    expect((await patch({ locale: 'HI-in', time_zone: 'asia/calcutta' })).body).toMatchObject({
      ...{ locale: 'hi-IN', time_zone: 'Asia/Calcutta' },
    });
    expect((await patch({ locale: null })).body).toMatchObject({
      locale: null,
      time_zone: 'Asia/Calcutta',
    });
    expect((await patch({ time_zone: null })).body.time_zone).toBeNull();
  });

  test.each([
    [{ locale: 'hi_IN' }, '#/locale', 'invalid_locale'],
    [{ locale: 5 }, '#/locale', 'wrong_type'],
    [{ locale: 'x'.repeat(36) }, '#/locale', 'too_long'],
    [{ time_zone: '+05:30' }, '#/time_zone', 'invalid_time_zone'],
    [{ time_zone: '' }, '#/time_zone', 'invalid_time_zone'],
    [{ time_zone: 'x'.repeat(65) }, '#/time_zone', 'too_long'],
  ])('answers 422 to %j', async (body, pointer, code) => {
    const { patch } = await open({});
    const answer = await patch(body);
    expect([answer.status, answer.body.errors]).toMatchObject([422, [{ pointer, code }]]);
  });
});
