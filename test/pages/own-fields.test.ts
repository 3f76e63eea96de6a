import { describe, expect, test } from 'vitest';
import { createAdminRoom } from '../support/admin-room.ts';
import { OWN_FIELDS, OWN_VALUES } from '../support/own-fields.ts';
import { bearer, json } from '../support/test-app.ts';

const open = () => createAdminRoom({ PROFILE_FIELDS: OWN_FIELDS });

describe('/account/profile with own fields', () => {
  test('has an input for each, and saves their values, the language and the time zone', async () => {
    const room = await open();
    const { visitor, token } = await room.newMember('own@example.com', 'editor');
    await visitor.visit('/account/profile');
    const sent = {
      ...{ locale: 'hi-in', time_zone: 'asia/kolkata', 'fields/city': 'पुणे' },
      'fields/about': 'first line\r\nsecond "line"',
      ...{ 'fields/site': OWN_VALUES.site, 'fields/born': '2024-02-29', 'fields/size': 'M' },
      ...{ 'fields/year': '1915', 'fields/height': '1.7', 'fields/news': 'false' },
      ...{ 'fields/tongues': 'en\r\nhi\r\n', 'fields/tags': '' },
    };
    const saved = await visitor.submit(sent, { button: 'Save' });
    expect(saved.path).toBe('/account?done=profileSaved');
    const { tags: _, ...values } = OWN_VALUES;
    expect((await room.profile(token)).body).toMatchObject({
      ...{ locale: 'hi-IN', time_zone: 'Asia/Kolkata', fields: values },
    });

    const page = await visitor.visit('/account/profile');
    expect(page.text).toContain('Newsletter');
    expect(page.inputs['fields/year']?.value).toBe('1915');
    // Nothing has changed, so nothing is stored.
    const etag = async () =>
      (await room.send('/profile/me', { headers: bearer(token) })).headers.get('ETag');
    const before = await etag();
    await visitor.submit({}, { button: 'Save' });
    expect(await etag()).toBe(before);
    await visitor.visit('/account/profile');
    const cleared = Object.fromEntries(Object.keys(sent).map((name) => [name, '']));
    await visitor.submit(cleared, { button: 'Save' });
    expect((await room.profile(token)).body).toMatchObject({
      ...{ locale: null, time_zone: null, fields: {} },
    });
  });

  test('says beside each field what is wrong, and keeps what was entered', async () => {
    const room = await open();
    const { visitor } = await room.newMember('own@example.com', 'editor');
    await visitor.visit('/account/profile');
    const sent = {
      'fields/year': 'soon',
      'fields/born': '2026-02-30',
      'fields/tongues': 'en\ntlh',
    };
    const { status, errors, inputs } = await visitor.submit(sent, { button: 'Save' });
    expect([status, errors]).toEqual([
      422,
      {
        'fields/year': 'Enter a number.',
        'fields/born': 'This is not a date such as 2026-01-31.',
        'fields/tongues': 'This is not one of the possible values.',
      },
    ]);
    expect(inputs['fields/year']?.value).toBe('soon');
    await visitor.visit('/account/profile');
    const wrong = { locale: 'hi_IN', time_zone: 'IST' };
    expect((await visitor.submit(wrong, { button: 'Save' })).errors).toEqual({
      locale: 'This is not a language tag such as hi-IN.',
      time_zone: 'This is not the name of a time zone such as Asia/Kolkata.',
    });
  });

  test('[S87] shows values as text, on the pages of administrators too', async () => {
    const room = await open();
    const { id, visitor, token } = await room.newMember('own@example.com', 'editor');
    const about = '</textarea><script>alert(1)</script>"';
    const patch = { time_zone: 'UTC', fields: { about, city: '<b onclick="x">' } };
    await room.send('/profile/me', json('PATCH', patch, bearer(token)));
    const own = await visitor.visit('/account/profile');
    const shown = await room.admin.visitor.visit(`/admin/user?id=${id}`);
    expect(shown.text).toContain(about);
    expect(shown.text).toContain('UTC');
    for (const { html } of [own, shown]) {
      expect(html).not.toContain('<script>alert');
      expect(html).not.toContain('<b onclick');
    }
  });
});

test('an administrator changes own fields by the form of the account', async () => {
  const room = await open();
  const { id, token } = await room.newMember('own@example.com', 'editor');
  const fields = { 'fields/city': 'Pune', 'fields/news': 'true', time_zone: 'utc' };
  await room.act(room.admin.visitor, id, 'Change name and text', fields);
  expect((await room.profile(token)).body).toMatchObject({
    ...{ time_zone: 'UTC', fields: { city: 'Pune', news: true } },
  });
});
