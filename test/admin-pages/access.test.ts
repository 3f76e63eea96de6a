import { eq, sql } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { ACTIONS } from '../../src/features/admin-pages/actions.ts';
import { isAdminTarget } from '../../src/features/admin-pages/paths.ts';
import { type AdminRoom, createAdminRoom } from '../support/admin-room.ts';
import { createPageRoom } from '../support/page-room.ts';
import { ORIGIN, type Visitor } from '../support/page-visitor.ts';

const READS = ['/admin', '/admin/search', '/admin/user?id=1', '/admin/events'] as const;
const WRITES = ['/admin/invite', '/admin/user/act?id=1&do=profile'] as const;
const FORMS = [
  ...ACTIONS.map((action) => `/admin/user/act?id=2&do=${action}`),
  '/admin/invite',
] as const;
const FIELDS = {
  reason: 'none',
  roles: 'support',
  name: 'Mallory',
  bio: '',
  email: 'new@example.com',
  locale: 'en',
};
/** Longer than a login is fresh. */
const STALE_S = 601;

let room: AdminRoom;
let admin: Visitor;

const tokenOf = async (who: Visitor): Promise<string> =>
  (await who.visit('/account')).forms[0]?.values.form ?? '';

const dump = async () => {
  const tables = ['users', 'user_roles', 'sessions', 'known_devices', 'codes', 'outbox'];
  const rows = [];
  for (const table of tables) {
    const columns = table === 'sessions' ? 'id, user_id' : '*';
    rows.push(await room.db.all(sql.raw(`select ${columns} from ${table} order by 1, 2`)));
  }
  return JSON.stringify(rows);
};

describe('admin pages', () => {
  beforeAll(async () => {
    room = await createAdminRoom();
    admin = room.admin.visitor;
  });

  test.each([...READS, ...WRITES])(
    'GET %s leads a stranger to the login and back',
    async (path) => {
      const visitor = room.newVisitor();
      const { path: at } = await visitor.visit(path);
      expect(at).toBe(`/account/login?${new URLSearchParams({ to: path })}`);
      await visitor.submit(
        { username: 'root@example.com', password: 'analytical engine' },
        { action: '/account/login' },
      );
      expect([visitor.page().path, visitor.page().status]).toEqual([path, 200]);
    },
  );

  test.each([...READS, ...WRITES])(
    'GET %s is not stored, not framed, in both languages',
    async (path) => {
      const { status, headers, heading } = await admin.visit(path);
      expect([status, headers.get('Cache-Control')]).toEqual([200, 'no-store']);
      expect(headers.get('Content-Security-Policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; .*frame-ancestors 'none'$/,
      );
      const hindi = await admin.visit(path, { 'Accept-Language': 'hi' });
      expect(hindi.html).toContain('<html lang="hi">');
      if (!path.startsWith('/admin/user?')) expect(hindi.heading).not.toBe(heading);
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        expect((await admin.send(path, { method })).status).toBe(405);
      }
      const cross = await admin.send(path, { headers: { Origin: 'http://localhost:8081' } });
      expect(cross.headers.get('Access-Control-Allow-Origin')).toBeNull();
    },
  );

  test.each([...READS, ...WRITES])('GET %s is 403 for a user without a role', async (path) => {
    const { visitor, id } = await room.newUserVisitor(`u${Math.random()}@example.com`);
    await room.grant(id, 'editor');
    const page = await visitor.visit(path);
    expect([page.status, page.alert]).toEqual([
      403,
      'Your account does not have the role that this page requires.',
    ]);
    expect(page.text).not.toContain('root@example.com');
  });

  test('a supporter reads, and sees no form that changes anything', async () => {
    const { visitor } = await room.newMember('support@example.com', 'support');
    for (const path of READS) {
      const { status, forms, html } = await visitor.visit(path);
      expect([path, status]).toEqual([path, 200]);
      const writing = forms.filter(
        ({ method, isNavigation }) => method === 'post' && !isNavigation,
      );
      expect([path, writing]).toEqual([path, []]);
      expect(html).not.toMatch(/\/admin\/(user\/act|invite)/);
    }
    for (const path of WRITES) expect((await visitor.visit(path)).status).toBe(403);
  });

  test('the pages of accounts do not lead to those of administrators', async () => {
    expect((await admin.visit('/account')).html).not.toContain('/admin');
  });

  test('a role that is taken away is gone at the next page', async () => {
    const { visitor, id } = await room.newMember('former@example.com', 'admin');
    expect((await visitor.visit('/admin')).status).toBe(200);
    await room.db.delete(userRoles).where(eq(userRoles.userId, id));
    expect((await visitor.visit('/admin')).status).toBe(403);
  });

  test('a page that does not exist is 404 with a page', async () => {
    for (const path of ['/admin/x', '/admin/user/x', '/admin/user/act?id=1&do=x']) {
      const { status, alert } = await admin.visit(path);
      expect([path, status, alert]).toEqual([path, 404, 'There is no such page.']);
    }
  });

  test.each(['', '0', '-1', '1.0', '999999', 'x', "1' or 1=1"])(
    'GET /admin/user with the id %j is 404',
    async (id) => {
      for (const path of ['/admin/user', '/admin/user/act']) {
        const page = await admin.visit(`${path}?${new URLSearchParams({ id, do: 'disable' })}`);
        expect([page.status, page.alert]).toEqual([404, 'There is no such account.']);
      }
    },
  );

  test('the files of the pages never change under their names', async () => {
    const { html } = await admin.visit('/admin');
    const files = [...html.matchAll(/(?:href|src)="(\/(?:account|admin)\/[\w-]+\.(?:css|js))"/g)];
    expect(files).toHaveLength(4);
    for (const [, file = ''] of files) {
      const { status, headers } = await admin.send(file);
      expect([status, headers.get('Cache-Control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ]);
    }
    expect(html).not.toMatch(/<script>|<style|style="| on\w+="/);
  });
});

describe.each(FORMS)('POST %s', (path) => {
  let body: (form: string) => URLSearchParams;
  beforeEach(async () => {
    room = await createAdminRoom();
    await room.newVerifiedUser('ada@example.com');
    admin = room.admin.visitor;
    body = (form) => new URLSearchParams({ ...FIELDS, version: '1', form });
  });

  test('[S72] 403 to another origin, and without the token of its session', async () => {
    const form = await tokenOf(admin);
    const before = await dump();
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: ORIGIN, 'Sec-Fetch-Site': 'same-site' },
    ]) {
      expect((await admin.post(path, body(form), headers)).status).toBe(403);
    }
    const none = await admin.send(path, { method: 'POST', body: body(form) });
    expect(none.status).toBe(403);
    const other = await tokenOf(await room.visitorOf('root@example.com'));
    const during = await dump();
    for (const wrong of ['', 'x', other]) {
      expect((await admin.post(path, body(wrong))).status).toBe(403);
    }
    expect(await dump()).toBe(during);
    expect(before).not.toBe('');
  });

  test('403 to supporters and users, and to the login for strangers', async () => {
    const support = await room.newMember('support@example.com', 'support');
    const user = await room.newUserVisitor('grace@example.com');
    const before = await dump();
    for (const { visitor } of [support, user]) {
      const answer = await visitor.post(path, body(await tokenOf(visitor)));
      expect(answer.status).toBe(403);
    }
    const stranger = await room.newVisitor().post(path, body(''));
    expect([stranger.status, stranger.headers.get('Location')]).toEqual([
      303,
      `/account/login?${new URLSearchParams({ to: path })}`,
    ]);
    expect(await dump()).toBe(before);
  });

  test('leads an administrator to confirm who it is after ten minutes, and back', async () => {
    const form = await tokenOf(admin);
    room.advance(STALE_S);
    const before = await dump();
    const confirm = `/account/confirm?${new URLSearchParams({ to: path })}`;
    const answer = await admin.post(path, body(form));
    expect(answer.headers.get('Location')).toBe(confirm);
    expect(await dump()).toBe(before);
    await admin.visit(confirm);
    await admin.submit({ password: 'analytical engine' }, { button: 'Confirm' });
    expect(admin.page().redirects[0]).toBe(path);
    expect(admin.page().status).toBe(200);
  });
});

test.each([
  '//evil.example',
  '/admin/../x',
  '/admin?x',
  '/admin/user?id=1#',
  '/admin/user/act?id=1',
  '/admin\n',
])('a login does not lead to %j', (target) => {
  expect(isAdminTarget(target)).toBe(false);
});

test('no operation for administrators answers like a page', async () => {
  const document = (await (await room.send('/openapi.json', {})).json()) as { paths: object };
  const paths = Object.keys(document.paths).filter((path) => path.startsWith('/admin'));
  expect(paths.length).toBeGreaterThan(5);
  for (const path of paths) {
    const answer = await room.send(path.replace('{id}', '1'), {
      headers: { Origin: 'http://localhost:8081' },
      method: 'PURGE',
    });
    const { headers, status } = answer;
    expect([path, status, headers.get('Content-Type')]).toEqual([
      path,
      405,
      'application/problem+json',
    ]);
    expect(headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:8081');
  }
});

test('PAGES=off turns the admin pages off', async () => {
  const off = await createPageRoom({ PAGES: 'off' });
  for (const path of [...READS, ...WRITES]) {
    const answer = await off.send(path, {});
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      404,
      'application/problem+json',
    ]);
  }
});
