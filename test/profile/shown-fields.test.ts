import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { OWN_FIELDS } from '../support/own-fields.ts';
import { grant } from '../support/people.ts';
import { createProfileRoom as open } from '../support/profile-room.ts';
import { bearer, json, newUser } from '../support/test-app.ts';

describe('own fields', () => {
  test('without the setting are empty, and rejected', async () => {
    const { patch, get } = await open({});
    expect((await get()).body.fields).toEqual({});
    const { status, body } = await patch({ fields: { city: 'x' } });
    expect([status, body.errors?.[0]?.code]).toEqual([422, 'unknown_field']);
  });

  test('are ignored by PUT and by the sign-ups', async () => {
    const { app, send, user, get, db } = await open();
    const fields = { city: 'Pune' };
    const extra = { fields, locale: 'ta', time_zone: 'Asia/Kolkata' };
    await send('/profile/me', json('PUT', { name: 'Ada', ...extra }, bearer(user.token)));
    expect((await get()).body).toMatchObject({
      name: 'Ada',
      fields: {},
      time_zone: null,
      locale: 'en',
    });
    const account = { email: 'eve@example.com', password: 'analytical engine' };
    const signedUp = await send('/auth/signup', json('POST', { ...account, ...extra }));
    expect(Object.keys(signedUp.body)).toEqual(['id', 'email', 'name', 'bio']);
    const phone = { phone: '+919876543210', password: 'analytical engine', name: 'Eve' };
    await app.request('/api/v1/auth/signup', json('POST', { ...phone, ...extra }));
    const rows = await db.select().from(users);
    expect(rows.map(({ fields, timeZone, locale }) => [fields, timeZone, locale])).toEqual(
      rows.map(() => [null, null, 'en']),
    );
  });

  test('that a later schema does not allow are hidden and kept, and in the export', async () => {
    const { db, get, patch, stored, user } = await open();
    const values = { city: 'x'.repeat(81), gone: 'kept', year: 1915 };
    await db
      .update(users)
      .set({ fields: JSON.stringify(values) })
      .where(eq(users.id, user.id));
    expect((await get()).body.fields).toEqual({ year: 1915 });
    const exported = (await get('/profile/me/export')).body as unknown as Record<
      'profile' | 'account',
      Record<string, unknown>
    >;
    expect(exported.profile.fields).toEqual({ year: 1915 });
    expect(exported.account.stored_fields).toEqual(values);
    await patch({ fields: { news: true } });
    expect(JSON.parse((await stored()) ?? '')).toEqual({ ...values, news: true });
    await patch({ fields: null });
    expect(await stored()).toBeNull();
  });

  test('are in GET /auth/session', async () => {
    const { patch, get } = await open();
    await patch({ fields: { city: 'Pune' }, locale: 'hi-in' });
    expect((await get('/auth/session')).body).toMatchObject({
      user: { fields: { city: 'Pune' }, locale: 'hi-IN' },
    });
  });

  test('are read and patched by administrators', async () => {
    const { app, db, send, patch, get, user } = await open();
    await patch({ fields: { city: 'Pune', year: 1915 } });
    const admin = await newUser(app, 'root@example.com');
    await grant(db, admin.id, 'admin');
    const path = `/admin/users/${user.id}`;
    const change = (body: object) =>
      send(path, json('PATCH', { reason: 'asked', ...body }, bearer(admin.token)));
    const { status, body } = await change({
      fields: { city: null, news: true },
      time_zone: 'asia/kolkata',
      locale: 'ta',
    });
    const expected = {
      fields: { year: 1915, news: true },
      time_zone: 'Asia/Kolkata',
      locale: 'ta',
    };
    expect([status, body]).toMatchObject([200, expected]);
    expect((await get()).body).toMatchObject(expected);
    const recorded = () =>
      db.select().from(auditEvents).where(eq(auditEvents.action, 'account_update'));
    expect(await recorded()).toMatchObject([
      {
        detail: JSON.stringify({
          fields: ['locale', 'time_zone', 'fields'],
          reason: 'asked',
        }),
      },
    ]);
    expect((await change({ fields: { year: 1915, city: null } })).status).toBe(200);
    expect(await recorded()).toHaveLength(1);
    expect((await change({ fields: { year: 1 } })).body.errors?.[0]?.pointer).toBe('#/fields/year');
    expect((await change({ fields: null })).body.fields).toEqual({});
  });

  test('are described by /openapi.json of the server', async () => {
    const { app } = await open();
    const document = (await (await app.request('/openapi.json')).json()) as {
      components: {
        schemas: Record<string, { properties: Record<string, object>; type: unknown }>;
      };
    };
    const { ProfileFields, ProfileFieldsPatch, Profile } = document.components.schemas;
    expect(Profile?.properties.fields).toEqual({ $ref: '#/components/schemas/ProfileFields' });
    expect(ProfileFields).toMatchObject({ type: 'object', additionalProperties: false });
    expect(ProfileFields?.properties.city).toEqual({
      type: 'string',
      title: 'City',
      maxLength: 80,
    });
    expect(ProfileFieldsPatch?.properties.city).toEqual({
      title: 'City',
      anyOf: [{ type: 'string', maxLength: 80 }, { type: 'null' }],
    });
    expect(Object.keys(ProfileFieldsPatch?.properties ?? {})).toEqual(
      Object.keys(JSON.parse(OWN_FIELDS).properties),
    );
  });
});
