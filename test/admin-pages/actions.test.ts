import { beforeEach, describe, expect, test } from 'vitest';
import { type AdminRoom, createAdminRoom } from '../support/admin-room.ts';
import type { Visitor } from '../support/page-visitor.ts';

const HOSTILE = `<img src=x onerror=alert(1)>"'&`;

let room: AdminRoom;
let admin: Visitor;
let user: Awaited<ReturnType<AdminRoom['newUserVisitor']>>;
beforeEach(async () => {
  room = await createAdminRoom();
  admin = room.admin.visitor;
  user = await room.newUserVisitor('ada@example.com');
  await room.received();
});

const act = (link: string, fields: Record<string, string> = {}, id = user.id) =>
  room.act(admin, id, link, fields);

const expectDone = (done: string, notice: string, id = user.id) =>
  expect([admin.page().path, admin.page().notices]).toEqual([
    `/admin/user?id=${id}&done=${done}`,
    [notice],
  ]);

describe('an administrator, by forms alone,', () => {
  test('changes roles', async () => {
    await act('Change roles', { roles: ' support, editor  editor' });
    expectDone('roles', 'The roles are changed.');
    expect(admin.page().text).toContain('editor, support');
    await admin.visit(`/admin/user/act?id=${user.id}&do=roles`);
    expect(admin.page().inputs.roles?.value).toBe('editor support');
    await act('Change roles', { roles: '' });
    expect(admin.page().text).toContain('Roles\nnone');
  });

  test('changes the name and the text', async () => {
    await act('Change name and text', { name: 'Ada', bio: 'one\r\ntwo' });
    expectDone('profile', 'The profile is saved.');
    const { body } = await room.profile(await room.tokenOf('ada@example.com', 'analytical engine'));
    expect([body.name, body.bio]).toEqual(['Ada', 'one\ntwo']);
  });

  test('does not overwrite what the user has changed meanwhile', async () => {
    const path = `/admin/user/act?id=${user.id}&do=profile`;
    await admin.visit(path);
    await user.visitor.visit('/account/profile');
    await user.visitor.submit({ name: 'Mine' }, { button: 'Save' });
    const page = await admin.submit(
      { name: 'Yours', reason: 'x' },
      { button: 'Change name and text' },
    );
    expect([page.status, page.alert]).toEqual([
      412,
      'The profile was changed elsewhere meanwhile.',
    ]);
    expect(page.inputs.name?.value).toBe('Yours');
  });

  test('and another one at once: one form is saved, the other is told, also for the last administrator', async () => {
    for (const id of [user.id, room.admin.id]) {
      await admin.visit(`/admin/user/act?id=${id}&do=profile`);
      const forms = ['One', 'Two'].map((name) =>
        admin.filled({ name, reason: 'x' }, { button: 'Change name and text' }),
      );
      const pages = await Promise.all(forms.map(({ path, body }) => admin.post(path, body)));
      expect(pages.map(({ status }) => status).sort()).toEqual([303, 412]);
      const saved = pages[0]?.status === 303 ? 'One' : 'Two';
      expect((await admin.visit(`/admin/user?id=${id}`)).heading).toBe(saved);
    }
  });

  test.each(['', '0', 'x', '9'.repeat(16)])('with the version %j is told', async (version) => {
    await admin.visit(`/admin/user/act?id=${user.id}&do=profile`);
    const { path, body } = admin.filled(
      { name: 'Ada', reason: 'x' },
      { button: 'Change name and text' },
    );
    const wrong = new URLSearchParams(body);
    wrong.set('version', version);
    expect((await admin.post(path, wrong)).status).toBe(412);
  });

  test('disables an account, whose sessions end, and enables it', async () => {
    await act('Disable');
    expectDone('disable', 'The account is disabled.');
    expect((await user.visitor.visit('/account')).path).toBe('/account/login');
    expect(await room.logIn('ada@example.com', 'analytical engine')).toBe(400);
    await act('Enable');
    expectDone('enable', 'The account is enabled.');
    expect(await room.logIn('ada@example.com', 'analytical engine')).toBe(200);
  });

  test('unlocks an account', async () => {
    for (let i = 0; i < 12; i++) await room.logIn('ada@example.com', 'wrong', '198.51.100.7');
    expect(await room.logIn('ada@example.com', 'analytical engine', '198.51.100.7')).not.toBe(200);
    await act('Unlock');
    expectDone('unlock', 'The account is unlocked.');
    expect(await room.logIn('ada@example.com', 'analytical engine', '198.51.100.7')).toBe(200);
  });

  test('logs a user out everywhere', async () => {
    await act('Log out everywhere');
    expectDone('signOut', 'All sessions have ended.');
    expect((await user.visitor.visit('/account')).path).toBe('/account/login');
    expect(await room.logIn('ada@example.com', 'analytical engine')).toBe(200);
  });

  test('requires a new password', async () => {
    await act('Require a new password');
    expectDone('requireReset', 'The password is removed. A message is on its way.');
    expect(await room.logIn('ada@example.com', 'analytical engine')).toBe(400);
    const sent = await room.received();
    expect(sent.filter(({ to }) => to === 'ada@example.com').length).toBeGreaterThan(0);
  });

  test('takes the addresses away', async () => {
    const { id } = await room.newPhoneUser('+919876543210', 'grace@example.com');
    await act('Remove email address', {}, id);
    expectDone('dropEmail', 'The email address is removed.', id);
    expect(admin.page().text).not.toContain('grace@example.com');
    await act('Remove phone number', {}, id);
    expectDone('dropPhone', 'The phone number is removed.', id);
    expect(admin.page().heading).toBe(`#${id}`);
  });

  test('deletes an account', async () => {
    const page = await act('Delete account');
    expect([page.path, page.notices[0]]).toEqual([
      '/admin/search?done=remove',
      'The account is deleted.',
    ]);
    expect((await admin.visit(`/admin/user?id=${user.id}`)).status).toBe(404);
    expect(await room.logIn('ada@example.com', 'analytical engine')).toBe(400);
  });

  test('invites somebody, whose link sets a password', async () => {
    await admin.visit('/admin/search');
    await admin.visit(admin.page().links.Invite ?? '');
    const page = await admin.submit(
      {
        email: 'grace@example.com',
        name: 'Grace',
        roles: 'support',
        locale: 'hi',
        reason: 'new colleague',
      },
      { button: 'Send invitation' },
    );
    expect(page.notices).toEqual(['The account is created. A message is on its way.']);
    expect(page.heading).toBe('Grace');
    expect(page.text).toContain('support');
    const { to, tokens } = await room.message();
    expect(to).toBe('grace@example.com');
    const first = { token: tokens.reset, new_password: 'difference engine' };
    expect((await room.post('/auth/password/reset', first)).status).toBe(204);
    expect(await room.logIn('grace@example.com', 'difference engine')).toBe(200);
  });

  test('is named in the record with the reason, which is escaped', async () => {
    await act('Log out everywhere', { reason: HOSTILE });
    for (const path of [`/admin/user?id=${user.id}`, '/admin/events?action=sign_out']) {
      const { text, html, links } = await admin.visit(path);
      expect(text).toContain('Logged out everywhere by an administrator');
      expect(text).toContain(HOSTILE);
      expect(html).not.toContain('<img');
      expect(links[`#${room.admin.id}`]).toBe(`/admin/user?id=${room.admin.id}`);
    }
  });
});

describe('a rejected form is shown again', () => {
  test.each([
    ['Disable', {}],
    ['Change roles', { roles: 'support' }],
    ['Delete account', {}],
    ['Remove email address', {}],
  ])('%s of the last administrator', async (link, fields) => {
    const page = await act(link, fields, room.admin.id);
    expect([page.status, page.alert]).toEqual([
      409,
      'This is the last administrator who can log in. Make another account an administrator first.',
    ]);
    expect(page.inputs.reason?.value).toBe('as they asked');
    expect((await admin.visit('/admin')).status).toBe(200);
  });

  test('without a reason, and with one that is too long', async () => {
    await act('Disable', { reason: '' });
    expect([admin.page().status, admin.page().errors]).toEqual([422, { reason: 'Fill this in.' }]);
    await admin.submit({ reason: 'x'.repeat(501) }, { button: 'Disable' });
    expect(admin.page().errors).toEqual({ reason: 'At most 500 characters are possible.' });
    expect((await admin.visit(`/admin/user?id=${user.id}`)).text).not.toContain('disabled');
  });

  test.each(['Editor', 'a'.repeat(33), HOSTILE, 'a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u'])(
    'with the roles %j',
    async (roles) => {
      const page = await act('Change roles', { roles });
      expect([page.status, page.invalid]).toEqual([422, ['roles']]);
      expect(page.inputs.roles?.value).toBe(roles);
      expect(page.html).not.toContain('<img');
    },
  );

  test('an invitation without an address, of a taken one, or of a wrong one', async () => {
    const invite = async (fields: Record<string, string>) => {
      await admin.visit('/admin/invite');
      return admin.submit({ reason: 'x', ...fields }, { button: 'Send invitation' });
    };
    expect((await invite({})).errors).toEqual({
      email: 'Enter an email address or a phone number.',
    });
    const taken = await invite({ email: 'ADA@example.com' });
    expect([taken.status, taken.alert]).toEqual([
      400,
      'This email address already has an account.',
    ]);
    const wrong = await invite({ email: 'x', phone: '12' });
    expect([wrong.status, wrong.inputs.phone?.value]).toEqual([422, '12']);
    expect(await room.received()).toEqual([]);
  });
});

test('two administrators: what the other has done already leads back to the account', async () => {
  await act('Disable');
  const page = await admin.visit(`/admin/user/act?id=${user.id}&do=disable`);
  expect(page.path).toBe(`/admin/user?id=${user.id}`);
});

test('an account that is deleted meanwhile is 404', async () => {
  await admin.visit(`/admin/user/act?id=${user.id}&do=disable`);
  const { path, body } = admin.filled({ reason: 'x' }, { button: 'Disable' });
  await act('Delete account');
  expect((await admin.post(path, body)).status).toBe(404);
});

test('the last administrator cannot delete the own account by its page', async () => {
  await admin.visit('/account/data');
  const page = await admin.submit(
    { word: 'DELETE', password: 'analytical engine' },
    { button: 'Delete account' },
  );
  expect([page.status, page.alert]).toEqual([
    409,
    'This is the last administrator who can log in. Make another account an administrator first.',
  ]);
});
