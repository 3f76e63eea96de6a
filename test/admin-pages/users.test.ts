import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { type AdminRoom, createAdminRoom } from '../support/admin-room.ts';
import type { Visitor } from '../support/page-visitor.ts';

const HOSTILE = `<img src=x onerror=alert(1)>"'&`;

let room: AdminRoom;
let admin: Visitor;
beforeEach(async () => {
  room = await createAdminRoom();
  admin = room.admin.visitor;
});

/** What the list shows: the names of accounts. */
const listed = () =>
  Object.entries(admin.page().links)
    .filter(([, href]) => /^\/admin\/user\?id=\d+$/.test(href))
    .map(([name]) => name);

const newUsers = async (...emails: string[]) => {
  for (const email of emails) await room.newUser(email);
};

describe('GET /admin/search', () => {
  test('lists the accounts, with how many there are', async () => {
    await newUsers('ada@example.com', 'grace@example.com');
    const { notices, text } = await admin.visit('/admin/search');
    expect(listed().sort()).toEqual(['ada@example.com', 'grace@example.com', 'root@example.com']);
    expect(notices).toEqual(['3 on this page.']);
    expect(text).toContain('active, admin');
    expect(text).toContain('active, not verified');
  });

  test('searches by the beginning of an address or a name, by its form', async () => {
    await newUsers('ada@example.com', 'grace@example.com', 'adam@example.com');
    await admin.visit('/admin/search');
    const { path, inputs } = await admin.submit({ q: 'ADA' }, { button: 'Search' });
    expect(path).toBe('/admin/search?q=ADA&role=&status=');
    expect(inputs.q?.value).toBe('ADA');
    expect(listed().sort()).toEqual(['ada@example.com', 'adam@example.com']);
    await admin.submit({ q: 'nobody' }, { button: 'Search' });
    expect([listed(), admin.page().notices]).toEqual([[], ['0 on this page.']]);
  });

  test('searches by the beginning of a phone number', async () => {
    await room.newPhoneUser('+919876543210');
    await admin.visit('/admin/search');
    await admin.submit({ q: '+919876' }, { button: 'Search' });
    expect(listed()).toEqual(['+919876543210']);
  });

  test('filters by role and state, and keeps what was chosen', async () => {
    await newUsers('ada@example.com');
    await admin.visit('/admin/search');
    await admin.submit({ role: 'admin' }, { button: 'Search' });
    expect(listed()).toEqual(['root@example.com']);
    await admin.visit('/admin/search');
    const { forms } = await admin.submit({ status: 'unverified' }, { button: 'Search' });
    expect(listed()).toEqual(['ada@example.com']);
    expect(forms.find(({ method }) => method === 'get')?.values).toEqual({
      q: '',
      role: '',
      status: 'unverified',
    });
  });

  test('is paged, with every account once', async () => {
    const rows = Array.from({ length: 120 }, (_, i) => {
      const email = `user-${String(i).padStart(3, '0')}@example.com`;
      return { email, emailNormalized: email, createdAt: 0, updatedAt: 0 };
    });
    for (let i = 0; i < rows.length; i += 10) {
      await room.db.insert(users).values(rows.slice(i, i + 10));
    }
    const names: string[] = [];
    let path: string | undefined = '/admin/search?q=user-';
    while (path !== undefined) {
      const { links } = await admin.visit(path);
      names.push(...listed());
      expect(names.length).toBeLessThanOrEqual(120);
      path = links['Next page'];
      if (path) expect(path).toContain('q=user-');
    }
    expect(names).toEqual(rows.map(({ email }) => email));
    expect(admin.page().links['First page']).toBe('/admin/search?q=user-');
  });

  test.each(['x', "' or 1=1", '{}'])('says that the cursor %j is wrong', async (cursor) => {
    const page = await admin.visit(`/admin/search?${new URLSearchParams({ cursor })}`);
    expect([page.status, page.alert]).toEqual([422, 'Check what you have entered.']);
  });

  test.each(['%', '_', "'", '\\', HOSTILE, 'a'.repeat(2000), '\u0000', '\ud800'])(
    'finds nobody by %j, and shows it escaped',
    async (q) => {
      const page = await admin.visit(`/admin/search?${new URLSearchParams({ q })}`);
      expect([200, 422]).toContain(page.status);
      expect(listed()).toEqual([]);
      expect(page.html).not.toContain('<img');
    },
  );
});

describe('GET /admin/user', () => {
  test('shows an account, its sessions and its events', async () => {
    const { id } = await room.newUserVisitor('ada@example.com');
    const { text, heading, headers } = await admin.visit(`/admin/user?id=${id}`);
    expect(heading).toBe('ada@example.com');
    for (const part of ['ada@example.com\n(verified)', 'Firefox on Windows', '203.0.113.7']) {
      expect(text).toContain(part);
    }
    for (const part of ['Sign-up', 'Login', 'Address verification']) expect(text).toContain(part);
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(text).not.toMatch(/\$2|\$argon|\$scrypt/);
  });

  test('escapes what a user has entered', async () => {
    const { id } = await room.newUser('ada@example.com');
    await room.db.update(users).set({ name: HOSTILE, bio: HOSTILE }).where(eq(users.id, id));
    await room.visitorOf('ada@example.com', HOSTILE);
    for (const path of [
      `/admin/user?id=${id}`,
      `/admin/user/act?id=${id}&do=profile`,
      '/admin/search',
      `/admin/events?subject=${id}`,
    ]) {
      const { html, text } = await admin.visit(path);
      expect(html).not.toContain('<img');
      expect([path, text.includes(HOSTILE) || html.includes('&lt;img')]).toEqual([path, true]);
    }
  });

  test('offers what makes sense as the account is', async () => {
    const { id } = await room.newUser('ada@example.com');
    const actions = async () =>
      Object.entries((await admin.visit(`/admin/user?id=${id}`)).links)
        .filter(([, href]) => href.startsWith('/admin/user/act'))
        .map(([name]) => name);
    expect(await actions()).toEqual([
      'Change roles',
      'Change name and text',
      'Disable',
      'Unlock',
      'Log out everywhere',
      'Require a new password',
      'Remove email address',
      'Delete account',
    ]);
    await room.act(admin, id, 'Disable');
    expect(await actions()).toContain('Enable');
    expect(await actions()).not.toContain('Disable');
    expect(admin.page().text).toContain('disabled');
  });

  test('pages its events', async () => {
    const { id } = await room.newUser('ada@example.com');
    for (let i = 0; i < 25; i++) await room.logIn('ada@example.com', 'analytical engine');
    const { links, text } = await admin.visit(`/admin/user?id=${id}`);
    expect(text).not.toContain('Sign-up');
    const older = await admin.visit(links['Next page'] ?? '');
    expect(older.text).toContain('Sign-up');
    expect(older.links['First page']).toBe(`/admin/user?id=${id}`);
  });
});
