import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Visitor } from '../support/page-visitor.ts';
import { bearer, json } from '../support/test-app.ts';
import { createUserRoom, type UserRoom } from '../support/user-room.ts';

let room: UserRoom;
let token: string;
let visitor: Visitor;

beforeEach(async () => {
  room = await createUserRoom();
  ({ token, visitor } = await room.newUserVisitor());
});

const save = (who: Visitor, fields: Record<string, string>) =>
  who.submit(fields, { button: 'Save' });

describe('GET /account', () => {
  test('shows the profile and the state of both addresses', async () => {
    const { status, heading, text, headers } = await visitor.visit('/account');
    expect(status).toBe(200);
    expect(heading).toBe('Your account');
    expect(text).toContain('ada@example.com');
    expect(text).toContain('(verified)');
    expect(headers.get('Cache-Control')).toBe('no-store');
  });

  test('offers to verify an address, by a message', async () => {
    await room.newUser('grace@example.com', 'analytical engine');
    const grace = await room.visitorOf('grace@example.com');
    const { text } = await grace.visit('/account');
    expect(text).toContain('(not verified)');
    const { path } = await grace.submit({}, { button: 'Verify' });
    expect(path).toBe('/account/verify?done=messageSent');
    const { code = '', to } = await room.message();
    expect(to).toBe('grace@example.com');
    const form = grace.page().forms.find(({ values }) => Object.hasOwn(values, 'code'));
    await grace.post('/account/verify', new URLSearchParams({ ...form?.values, code }));
    expect((await grace.visit('/account')).text).toContain('(verified)');
  });

  test('leads a visitor who is not logged in to the login, and back', async () => {
    const stranger = room.newVisitor();
    const { path } = await stranger.visit('/account/profile');
    expect(path).toBe('/account/login?to=%2Faccount%2Fprofile');
    const { path: at } = await stranger.submit(
      { username: 'ada@example.com', password: 'analytical engine' },
      { action: '/account/login' },
    );
    expect(at).toBe('/account/profile');
  });

  test('escapes a name and a text, and isolates their direction', async () => {
    const hostile = '<script>alert(1)</script>"\'&';
    await visitor.visit('/account/profile');
    const { html, text } = await save(visitor, { name: hostile, bio: `${hostile}</textarea>` });
    expect(html).not.toContain('<script>alert');
    expect(text).toContain(hostile);
    const form = await visitor.visit('/account/profile');
    expect(form.inputs.name?.value).toBe(hostile);
    expect(form.html).not.toContain('<script>alert');
    expect(form.html).not.toContain('"</textarea>');
  });
});

describe('POST /account/profile', () => {
  test('saves the name and the text, with line feeds', async () => {
    await visitor.visit('/account/profile');
    const { path, notices, text } = await save(visitor, { name: 'Ada', bio: 'one\r\n\r\ntwo' });
    expect(path).toBe('/account?done=profileSaved');
    expect(notices).toEqual(['The profile is saved.']);
    expect(text).toContain('Ada');
    const { body } = await room.profile(token);
    expect(body).toMatchObject({ name: 'Ada', bio: 'one\n\ntwo' });
  });

  test('saves a text of 10,000 characters of Hindi and of four bytes, and 413 for more than a form may have', async () => {
    for (const character of ['अ', '😀']) {
      const bio = character.repeat(10_000 / character.length);
      await visitor.visit('/account/profile');
      expect((await save(visitor, { bio })).path).toBe('/account?done=profileSaved');
      expect((await room.profile(token)).body.bio).toBe(bio);
    }
    await visitor.visit('/account/profile');
    const { status, alert } = await save(visitor, { bio: 'x'.repeat(128 * 1024) });
    expect([status, alert]).toEqual([413, 'This is too long.']);
  });

  test('changes the text beside a stored name that is rejected today, but not the name', async () => {
    const name = 'Ada \u202e';
    await room.db.run(sql`update users set name = ${name}`);
    await visitor.visit('/account/profile');
    const { path } = await save(visitor, { bio: 'one' });
    expect(path).toBe('/account?done=profileSaved');
    expect((await room.profile(token)).body).toMatchObject({ name, bio: 'one' });
    await visitor.visit('/account/profile');
    const { status, errors } = await save(visitor, { name: `${name}!` });
    expect([status, errors]).toEqual([
      422,
      { name: 'This contains characters that are not allowed.' },
    ]);
  });

  test('clears what is left empty', async () => {
    await visitor.visit('/account/profile');
    await save(visitor, { name: 'Ada', bio: 'one' });
    await visitor.visit('/account/profile');
    await save(visitor, { name: '', bio: '' });
    const { body } = await room.profile(token);
    expect(body).toMatchObject({ name: null, bio: '' });
  });

  test('records only the fields that change, and nothing if none does', async () => {
    await visitor.visit('/account/profile');
    await save(visitor, { name: 'Ada' });
    await visitor.visit('/account/profile');
    await save(visitor, {});
    const answer = await room.send('/auth/activity', { headers: bearer(token) });
    const { events } = (await answer.json()) as { events: { action: string; detail: object }[] };
    const changes = events.filter(({ action }) => action === 'profile_update');
    expect(changes.map(({ detail }) => detail)).toEqual([{ fields: ['name'] }]);
  });

  test('in two tabs: the second one is told, keeps what was typed, and may replace', async () => {
    await visitor.visit('/account/profile');
    const second = visitor.filled({ name: 'Second' }, { button: 'Save' });
    await save(visitor, { name: 'First' });
    const stale = await visitor.post(second.path, second.body);
    expect(stale.status).toBe(412);
    const html = await stale.text();
    expect(html).toContain('value="Second"');
    expect(html).toContain('First');
    expect(html).toContain('changed elsewhere');
    expect((await room.profile(token)).body.name).toBe('First');
    const version = /name="version" value="(\d+)"/.exec(html)?.[1] ?? '';
    second.body.set('version', version);
    expect((await visitor.post(second.path, second.body)).status).toBe(303);
    expect((await room.profile(token)).body.name).toBe('Second');
  });

  test.each(['', '0', '-1', '1.5', 'x', '99999999999999999999', '1, 2'])(
    'rejects the version %j',
    async (version) => {
      await visitor.visit('/account/profile');
      const { path, body } = visitor.filled({ name: 'Ada' }, { button: 'Save' });
      body.set('version', version);
      expect((await visitor.post(path, body)).status).toBe(412);
    },
  );

  test('shows what is wrong at its field', async () => {
    await visitor.visit('/account/profile');
    const { status, errors, invalid, inputs } = await save(visitor, {
      name: 'x'.repeat(256),
      bio: 'kept',
    });
    expect(status).toBe(422);
    expect(errors).toEqual({ name: 'At most 255 characters are possible.' });
    expect(invalid).toEqual(['name']);
    expect(inputs.name?.value).toHaveLength(256);
    expect(visitor.filled({}, { button: 'Save' }).body.get('bio')).toBe('kept');
  });

  test('leads to the login if the session has ended meanwhile', async () => {
    await visitor.visit('/account/profile');
    const { path, body } = visitor.filled({ name: 'Ada' }, { button: 'Save' });
    await room.endSessionsOf(token);
    const answer = await visitor.post(path, body);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Fprofile');
    expect(visitor.cookies.has('latchkey_session')).toBe(false);
  });

  test('leads to the login if the session ends between the check and the change', async () => {
    await visitor.visit('/account/profile');
    const { path, body } = visitor.filled({ name: 'Ada' }, { button: 'Save' });
    room.endSessionsOnceChecked();
    const answer = await visitor.post(path, body);
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Fprofile');
    const logIn = await room.tokenOf('ada@example.com', 'analytical engine');
    expect((await room.profile(logIn)).body.name).toBeNull();
  });

  test('a change by the API is a change elsewhere', async () => {
    await visitor.visit('/account/profile');
    await room.send('/profile/me', json('PUT', { name: 'By API' }, bearer(token)));
    const { status, inputs } = await save(visitor, { name: 'By page' });
    expect(status).toBe(412);
    expect(inputs.name?.value).toBe('By page');
  });
});
