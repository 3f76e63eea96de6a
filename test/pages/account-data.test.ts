import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Visitor } from '../support/page-visitor.ts';
import { createUserRoom, PASSWORD, type UserRoom } from '../support/user-room.ts';

const PATH = '/account/data';

let room: UserRoom;
let visitor: Visitor;

beforeEach(async () => {
  room = await createUserRoom();
  ({ visitor } = await room.newUserVisitor());
  await visitor.visit(PATH);
});

const download = async (who = visitor) => {
  const { path, body } = who.filled({}, { button: 'Download' });
  return who.post(path, body);
};

const remove = (fields: Record<string, string>) =>
  visitor.submit(fields, { button: 'Delete account' });

const userCount = async () => (await room.db.all(sql`select id from users`)).length;

describe('POST /account/data, the export', () => {
  test('sends a file with the data', async () => {
    const answer = await download();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Disposition')).toBe(
      'attachment; filename="latchkey-export.json"',
    );
    expect(answer.headers.get('Content-Type')).toBe('application/json');
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(await answer.json()).toMatchObject({ profile: { email: 'ada@example.com' } });
  });

  test('says so after five in an hour', async () => {
    for (let i = 0; i < 5; i++) expect((await download()).status).toBe(200);
    const answer = await download();
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain('Too many attempts.');
  });

  test('requires a recent login', async () => {
    room.advance(601);
    const answer = await download();
    expect(answer.headers.get('Location')).toBe('/account/confirm?to=%2Faccount%2Fdata');
  });

  test('breaks off if the session ends between the check and the first part', async () => {
    room.endSessionsOnceChecked();
    const answer = await download();
    await expect(answer.text()).rejects.toThrow();
  });
});

describe('POST /account/data, the deletion', () => {
  test('deletes the account with the word and the password, and clears all cookies', async () => {
    const { path, heading, text } = await remove({ word: ' DELETE ', password: PASSWORD });
    expect([path, heading]).toEqual(['/account/deleted', 'The account is deleted']);
    expect(text).toContain('You are logged out everywhere.');
    expect([...visitor.cookies.keys()]).toEqual(['latchkey_form']);
    expect(await userCount()).toBe(0);
    expect(await room.logIn('ada@example.com', PASSWORD)).toBe(400);
    expect((await visitor.visit('/account')).path).toBe('/account/login');
  });

  test.each(['', 'delete', 'DELETED', 'D E L E T E'])('deletes nothing for %j', async (word) => {
    const { status, errors } = await remove({ word, password: PASSWORD });
    expect([status, errors]).toEqual([422, { word: 'Enter the word exactly as it is shown.' }]);
    expect(await userCount()).toBe(1);
  });

  test('shows a wrong password at its field, and deletes nothing', async () => {
    const { status, errors } = await remove({ word: 'DELETE', password: 'wrong one' });
    expect([status, errors]).toEqual([400, { password: 'The password is wrong.' }]);
    expect(await userCount()).toBe(1);
  });

  test('without a password, the word is enough in a fresh session', async () => {
    await room.db.run(sql`update users set password_hash = null`);
    const { inputs } = await visitor.visit(PATH);
    expect(Object.keys(inputs)).toEqual(['word']);
    expect((await remove({ word: 'DELETE' })).path).toBe('/account/deleted');
    expect(await userCount()).toBe(0);
  });

  test('without a password, a session that is not fresh confirms first', async () => {
    await room.db.run(sql`update users set password_hash = null`);
    await visitor.visit(PATH);
    room.advance(601);
    expect((await remove({ word: 'DELETE' })).path).toBe('/account/confirm?to=%2Faccount%2Fdata');
    expect(await userCount()).toBe(1);
  });

  test('deletes nothing for a session that ends between the check and the change', async () => {
    const { path, body } = visitor.filled(
      { word: 'DELETE', password: PASSWORD },
      { button: 'Delete account' },
    );
    room.endSessionsOnceChecked();
    const answer = await visitor.post(path, body);
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Fdata');
    expect(await userCount()).toBe(1);
  });

  test('an unknown form is not found', async () => {
    const { path, body } = visitor.filled({ way: 'x' }, { button: 'Download' });
    expect((await visitor.post(path, body)).status).toBe(404);
  });

  test('in Hindi, the word is the same', async () => {
    const hindi = room.newVisitor({ language: 'hi' });
    await hindi.visit('/account/login');
    await hindi.submit(
      { username: 'ada@example.com', password: PASSWORD },
      { action: '/account/login' },
    );
    const { text, heading } = await hindi.visit(PATH);
    expect(heading).toBe('आपका डेटा');
    expect(text).toContain('पुष्टि के लिए DELETE लिखें');
  });
});
