import { and, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { users } from '../../src/core/db/schema.ts';
import { addEventRows, addPeople, forgedCursor, grant } from '../support/people.ts';
import { bearer, createTestApp, form, newUser } from '../support/test-app.ts';

interface Body {
  readonly code?: string;
  readonly items?: readonly Record<string, unknown>[];
  readonly next_cursor?: string | null;
  readonly errors?: readonly { readonly pointer: string }[];
}

/** An app with an account of each kind, and the requests of each. */
async function open() {
  const room = await createTestApp();
  const { app, db } = room;
  const [admin, support, user] = [
    await newUser(app, 'admin@example.com'),
    await newUser(app, 'support@example.com'),
    await newUser(app, 'user@example.com'),
  ];
  await grant(db, admin.id, 'admin');
  await grant(db, support.id, 'support');
  const get = async (path: string, token?: string) => {
    const answer = await app.request(path, token === undefined ? {} : { headers: bearer(token) });
    return { status: answer.status, body: (await answer.json()) as Body };
  };
  return { ...room, admin, support, user, get };
}

const paths = (id: number) => [
  '/admin/users',
  `/admin/users/${id}`,
  `/admin/users/${id}/sessions`,
  `/admin/users/${id}/activity`,
  '/admin/audit',
  '/admin/stats',
];

describe('every GET below /admin', () => {
  test('answers 401 without a token or with a wrong one, 403 to a user, 200 to support and administrators', async () => {
    const { get, admin, support, user } = await open();
    for (const path of paths(user.id)) {
      expect([path, await get(path)]).toMatchObject([
        path,
        { status: 401, body: { code: 'not_authenticated' } },
      ]);
      expect((await get(path, 'wrong')).body.code).toBe('invalid_token');
      expect([path, await get(path, user.token)]).toMatchObject([
        path,
        { status: 403, body: { code: 'forbidden' } },
      ]);
      expect([path, (await get(path, support.token)).status]).toEqual([path, 200]);
      expect([path, (await get(path, admin.token)).status]).toEqual([path, 200]);
    }
  });

  test('answers 403 from the next request on when the role was taken away, and 401 when the account was disabled', async () => {
    const { db, get, admin, support } = await open();
    await db
      .delete(userRoles)
      .where(and(eq(userRoles.userId, support.id), eq(userRoles.role, 'support')));
    await db.update(users).set({ disabledAt: 1 }).where(eq(users.id, admin.id));
    for (const path of paths(support.id)) {
      expect((await get(path, support.token)).status).toBe(403);
      expect((await get(path, admin.token)).status).toBe(401);
    }
  });

  test('answers 403 to other roles, whatever they are called', async () => {
    const { db, get, user } = await open();
    for (const role of ['administrator', 'admin-', 'adm', 'root', 'editor']) {
      await grant(db, user.id, role);
    }
    for (const path of paths(user.id)) expect((await get(path, user.token)).status).toBe(403);
  });

  test('rejects what is out of bounds as 422, with the name of the parameter', async () => {
    const { get, support, user } = await open();
    const id = user.id;
    const wrong: [string, string][] = [
      ['/admin/users?limit=0', 'limit'],
      ['/admin/users?limit=101', 'limit'],
      ['/admin/users?limit=1e1', 'limit'],
      ['/admin/users?limit=', 'limit'],
      ['/admin/users?cursor=x', 'cursor'],
      ['/admin/users?cursor=', 'cursor'],
      ['/admin/users?q=', 'q'],
      ['/admin/users?q=%20', 'q'],
      [`/admin/users?q=${'a'.repeat(255)}`, 'q'],
      ['/admin/users?role=Admin', 'role'],
      ['/admin/users?role=', 'role'],
      ['/admin/users?status=gone', 'status'],
      [`/admin/users/${id}/sessions?cursor=x`, 'cursor'],
      [`/admin/users/${id}/activity?limit=-1`, 'limit'],
      ['/admin/audit?subject=0', 'subject'],
      ['/admin/audit?actor=x', 'actor'],
      ['/admin/audit?action=LOGIN', 'action'],
      ['/admin/audit?outcome=maybe', 'outcome'],
      [`/admin/audit?cursor=${forgedCursor({ list: 'id', key: 1, id: 1 })}`, 'cursor'],
      ['/admin/stats?days=0', 'days'],
      ['/admin/stats?days=31', 'days'],
    ];
    for (const [path, name] of wrong) {
      const { status, body } = await get(path, support.token);
      expect([path, status, body.errors?.map(({ pointer }) => pointer)]).toEqual([
        path,
        422,
        [`#/${name}`],
      ]);
    }
    for (const path of [
      `/admin/users?q=${'a'.repeat(254)}`,
      `/admin/users?q=a&limit=100`,
      '/admin/stats?days=30',
    ]) {
      expect([path, (await get(path, support.token)).status]).toEqual([path, 200]);
    }
  });
});

describe('GET /admin/users/{id} and below', () => {
  test('answer 404 for an id that no account has, and 422 for what is no id', async () => {
    const { get, support } = await open();
    for (const rest of ['', '/sessions', '/activity']) {
      for (const id of ['999', '999999999999999']) {
        expect(await get(`/admin/users/${id}${rest}`, support.token)).toMatchObject({
          status: 404,
          body: { code: 'not_found' },
        });
      }
      for (const id of ['0', '01', '-1', '1.0', 'x', '1e3', '%00', '9999999999999999', "1'--"]) {
        expect([id, (await get(`/admin/users/${id}${rest}`, support.token)).status]).toEqual([
          id,
          422,
        ]);
      }
    }
  });

  test('answers the account, with the names of the contract and no secret', async () => {
    const { db, get, admin, user } = await open();
    await grant(db, user.id, 'editor');
    const { body } = await get(`/admin/users/${user.id}`, admin.token);
    expect(body).toEqual({
      id: user.id,
      email: 'user@example.com',
      phone: null,
      name: null,
      bio: '',
      email_verified: false,
      phone_verified: false,
      roles: ['editor'],
      disabled_at: null,
      locked_until: null,
      has_password: true,
      avatar_url: null,
      locale: 'en',
      time_zone: null,
      fields: {},
      created_at: '2026-01-01T12:00:00.000Z',
      updated_at: '2026-01-01T12:00:00.000Z',
    });
  });
});

describe('GET /admin/users', () => {
  test('answers pages that a client follows to the end', async () => {
    const { db, get, support } = await open();
    await addPeople(
      db,
      Array.from({ length: 5 }, (_, i) => ({ name: `Kim ${i}`, disabledAt: 1 })),
    );
    const names: unknown[] = [];
    let cursor = '';
    for (;;) {
      const { body } = await get(
        `/admin/users?q=kim&status=disabled&limit=2${cursor}`,
        support.token,
      );
      names.push(...(body.items ?? []).map(({ name }) => name));
      if (body.next_cursor == null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(names).toEqual(['Kim 0', 'Kim 1', 'Kim 2', 'Kim 3', 'Kim 4']);
  });
});

describe('GET /admin/users/{id}/sessions', () => {
  test('answers the live sessions, newest first, a page at a time', async () => {
    const { app, get, user, support, advance } = await open();
    for (let i = 0; i < 3; i++) {
      advance(i);
      await app.request('/auth/login', form({ username: user.email, password: user.password }));
    }
    const path = `/admin/users/${user.id}/sessions`;
    const all = await get(path, support.token);
    expect(all.body.items).toHaveLength(4);
    expect(all.body.next_cursor).toBeNull();
    const paged: unknown[] = [];
    let cursor = '';
    for (;;) {
      const { body } = await get(`${path}?limit=1${cursor}`, support.token);
      paged.push(...(body.items ?? []));
      if (body.next_cursor == null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(paged).toEqual(all.body.items);
    const own = await get('/auth/sessions', user.token);
    const sessions = (own.body as { sessions: Record<string, unknown>[] }).sessions;
    expect(all.body.items).toEqual(sessions.map(({ current: _, ...session }) => session));
    advance(400 * 86_400);
    expect((await get(path, (await newUser(app, 'x@example.com')).token)).status).toBe(403);
  });

  test('has no session that has ended', async () => {
    const { app, db, get, user, advance } = await open();
    advance(400 * 86_400);
    const late = await newUser(app, 'late@example.com');
    await grant(db, late.id, 'admin');
    const { body } = await get(`/admin/users/${user.id}/sessions`, late.token);
    expect(body).toEqual({ items: [], next_cursor: null });
  });
});

describe('GET /admin/users/{id}/activity and GET /admin/audit', () => {
  test('answer the same events of an account, newest first', async () => {
    const { db, get, user, admin } = await open();
    await addEventRows(db, [
      {
        actorId: admin.id,
        subjectId: user.id,
        action: 'role_change',
        at: 1,
        detail: '{"granted":["x"]}',
      },
    ]);
    const activity = await get(`/admin/users/${user.id}/activity`, admin.token);
    const audit = await get(`/admin/audit?subject=${user.id}`, admin.token);
    expect(activity).toEqual(audit);
    expect(activity.body.items?.map(({ action }) => action)).toEqual([
      'role_change',
      'login',
      'signup',
    ]);
    expect(activity.body.items?.[0]).toMatchObject({
      at: '1970-01-01T00:00:00.001Z',
      actor_id: admin.id,
      subject_id: user.id,
      detail: { granted: ['x'] },
    });
    const acted = await get(`/admin/audit?actor=${admin.id}`, admin.token);
    expect(acted.body.items).toEqual(activity.body.items?.slice(0, 1));
  });

  test('answer what a deleted account has left', async () => {
    const { app, get, user, admin } = await open();
    await app.request('/profile/me', { method: 'DELETE', headers: bearer(user.token) });
    expect((await get(`/admin/users/${user.id}/activity`, admin.token)).status).toBe(404);
    const { body } = await get(
      `/admin/audit?subject=${user.id}&action=account_delete`,
      admin.token,
    );
    expect(body.items).toHaveLength(1);
  });
});

describe('GET /admin/stats', () => {
  test('answers 14 days by default, and as many as asked for', async () => {
    const { get, support } = await open();
    const daysOf = async (query: string) =>
      ((await get(`/admin/stats${query}`, support.token)).body as { days: { day: string }[] }).days;
    expect(await daysOf('')).toHaveLength(14);
    expect(await daysOf('?days=2')).toMatchObject([
      { day: '2025-12-31', sign_ups: 0 },
      {
        day: '2026-01-01',
        sign_ups: 3,
        log_ins: 3,
        failed_log_ins: 0,
        lockouts: 0,
        active_sessions: 3,
      },
    ]);
  });
});
