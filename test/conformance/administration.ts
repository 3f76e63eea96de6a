import { expect, test } from 'vitest';
import { type Account, type Answer, type Api, uniqueEmail } from '../support/api.ts';
import { STAFF } from '../support/legacy-users.ts';
import type { PostOffice } from '../support/post-office.ts';
import { isLoggedIn } from './session-client.ts';

/** The address of `ADMIN_EMAIL`. */
export const ADMIN_EMAIL = 'root@example.com';

const REASON = `It's "needed"; --\u2028 \\`;
const ROUNDS = 20;

const codeOf = (answer: Answer) => (answer.status < 400 ? answer.status : answer.at('code'));

/** What administrators do to accounts. */
export const administration = (api: () => Api, post: () => PostOffice): void => {
  let first: Promise<Account> | undefined;

  /** The first administrator, which the server makes of the account that verifies the address. */
  const root = (): Promise<Account> => {
    first ??= verified(ADMIN_EMAIL);
    return first;
  };

  async function verified(email = uniqueEmail()): Promise<Account> {
    const account = await api().newAccount(email);
    await api().json('POST', '/auth/verification', { channel: 'email' }, account.bearer);
    const { code } = await post().receive(email);
    // Not by the link, which would end the session of the first administrator.
    const proof = { channel: 'email', code };
    await api().json('POST', '/auth/verification/confirm', proof, account.bearer);
    return account;
  }

  const act = (by: Pick<Account, 'bearer'>, method: string, path: string, body: object = {}) =>
    method === 'DELETE'
      ? api().request(method, `/admin/users${path}?reason=${encodeURIComponent(REASON)}`, {
          headers: by.bearer,
        })
      : api().json(
          method,
          `/admin/users${path}`,
          { reason: REASON, ...body },
          {
            ...by.bearer,
            ...(method === 'PATCH' && { 'Content-Type': 'application/merge-patch+json' }),
          },
        );

  const lastEvent = async ({ bearer }: Pick<Account, 'bearer'>) => {
    const events = (await api().get('/auth/activity', bearer)).at('events');
    return Array.isArray(events)
      ? events.find(({ by_administrator: by }) => by === true)
      : undefined;
  };

  const logIn = async ({ email, password }: Account) => {
    const token = (await api().logIn(email, password)).at('access_token');
    return { bearer: { Authorization: `Bearer ${token}` } };
  };

  const FORBIDDEN = [
    ['POST', '/disable', {}],
    ['POST', '/enable', {}],
    ['POST', '/unlock', {}],
    ['POST', '/require-reset', {}],
    ['POST', '/sign-out', {}],
    ['PUT', '/roles', { roles: [] }],
    ['PATCH', '', { name: 'Eve' }],
    ['DELETE', '', {}],
  ] as const;

  test.each(FORBIDDEN)(
    '[S77] %s /admin/users/{id}%s is for administrators, and of accounts',
    async (method, path, body) => {
      const admin = await root();
      const user = await api().newAccount();
      expect(codeOf(await act(user, method, `/${admin.id}${path}`, body))).toBe('forbidden');
      expect(
        codeOf(
          await act({ bearer: { Authorization: 'Bearer x' } }, method, `/${user.id}${path}`, body),
        ),
      ).toBe('invalid_token');
      expect(codeOf(await act(admin, method, `/999999999${path}`, body))).toBe('not_found');
      expect(codeOf(await act(admin, method, `/x${path}`, body))).toBe('validation_failed');
      expect(await isLoggedIn(api(), user)).toBe(true);
    },
  );

  test('[S77] disabling ends all access at once and enabling restores it; each is recorded and reported', async () => {
    const [admin, user] = [await root(), await verified()];
    const disabled = await act(admin, 'POST', `/${user.id}/disable`);
    expect([disabled.status, disabled.at('disabled_at')]).toEqual([200, expect.any(String)]);
    expect(await isLoggedIn(api(), user)).toBe(false);
    expect((await api().logIn(user.email, user.password)).status).toBe(400);
    expect((await post().receive(user.email)).kind).toBe('admin_disabled');
    expect((await act(admin, 'POST', `/${user.id}/disable`)).status).toBe(200);
    expect((await act(admin, 'POST', `/${user.id}/enable`)).at('disabled_at')).toBe(null);
    expect((await post().receive(user.email)).kind).toBe('admin_enabled');
    expect(await lastEvent(await logIn(user))).toMatchObject({
      ...{ action: 'account_enable', address: null, user_agent: null },
      detail: { reason: REASON },
    });
  });

  test('logging out, unlocking and changing an account are recorded and reported', async () => {
    const [admin, user] = [await root(), await verified()];
    expect((await act(admin, 'POST', `/${user.id}/sign-out`)).status).toBe(200);
    expect(await isLoggedIn(api(), user)).toBe(false);
    expect((await post().receive(user.email)).kind).toBe('admin_signed_out');
    const again = await logIn(user);
    expect((await act(admin, 'POST', `/${user.id}/unlock`)).status).toBe(200);
    expect((await lastEvent(again))?.action).toBe('sign_out');
    expect((await api().logIn(user.email, 'wrong password')).status).toBe(400);
    expect((await act(admin, 'POST', `/${user.id}/unlock`)).status).toBe(200);
    expect((await lastEvent(again))?.action).toBe('account_unlock');
    expect((await post().receive(user.email)).kind).toBe('admin_unlocked');
    const named = await act(admin, 'PATCH', `/${user.id}`, { name: 'Ada', bio: null });
    expect(named.at('name')).toBe('Ada');
    expect(await lastEvent(again)).toMatchObject({
      action: 'account_update',
      detail: { fields: ['name'], reason: REASON },
    });
    expect((await post().receive(user.email)).kind).toBe('admin_changed');
    const changed = await act(admin, 'PATCH', `/${user.id}`, { email: null });
    expect(changed.body).toMatchObject({ email: null, disabled_at: expect.any(String) });
    expect(await isLoggedIn(api(), user)).toBe(false);
    expect((await post().receive(user.email)).kind).toBe('admin_changed');
    expect((await api().newAccount(user.email)).id).toBeGreaterThan(user.id);
  });

  test('[S78] a required reset and an invitation send the only link that sets a password', async () => {
    const [admin, user] = [await root(), await verified()];
    const required = await act(admin, 'POST', `/${user.id}/require-reset`);
    expect([required.status, required.at('has_password')]).toEqual([200, false]);
    expect(await isLoggedIn(api(), user)).toBe(false);
    expect((await post().receive(user.email)).kind).toBe('reset_required');
    const email = uniqueEmail();
    const invited = await act(admin, 'POST', '', { email, roles: ['editor'] });
    expect(invited.status).toBe(201);
    expect(invited.body).toMatchObject({ email, roles: ['editor'], has_password: false });
    expect(codeOf(await act(admin, 'POST', '', { email }))).toBe('email_taken');
    const { kind, tokens } = await post().receive(email);
    expect([kind, invited.text.includes(tokens.reset ?? '')]).toEqual(['invite', false]);
    const password = 'difference engine';
    const body = { token: tokens.reset, new_password: password };
    expect(codeOf(await api().json('POST', '/auth/password/reset', body))).toBe(204);
    expect(codeOf(await api().json('POST', '/auth/password/reset', body))).toBe('invalid_code');
    expect((await api().logIn(email, password)).status).toBe(200);
    await post().receive(email);
  });

  test('[S75] roles have effect at the next request, and their event lists what changed', async () => {
    const [admin, user] = [await root(), await verified()];
    const set = (roles: string[]) => act(admin, 'PUT', `/${user.id}/roles`, { roles });
    expect((await set(['support', 'b', 'b'])).at('roles')).toEqual(['b', 'support']);
    expect((await post().receive(user.email)).kind).toBe('admin_roles');
    expect((await api().get(`/admin/users/${admin.id}`, user.bearer)).status).toBe(200);
    expect(codeOf(await act(user, 'POST', `/${admin.id}/sign-out`))).toBe('forbidden');
    await set(['b', 'c']);
    await post().receive(user.email);
    expect(codeOf(await api().get(`/admin/users/${admin.id}`, user.bearer))).toBe('forbidden');
    expect((await lastEvent(user))?.detail).toEqual({
      ...{ reason: REASON, granted: ['c'], revoked: ['support'] },
    });
  });

  test('a deleted account is gone, with its sessions', async () => {
    const [admin, user] = [await root(), await verified()];
    expect(codeOf(await act(admin, 'DELETE', `/${user.id}`))).toBe(204);
    expect(await isLoggedIn(api(), user)).toBe(false);
    expect((await post().receive(user.email)).kind).toBe('deleted');
    expect(codeOf(await act(admin, 'DELETE', `/${user.id}`))).toBe('not_found');
  });

  test('[S76] the last administrator keeps role, account and address', async () => {
    const admin = await root();
    for (const { id } of [STAFF.admin, STAFF.stale]) {
      await act(admin, 'PUT', `/${id}/roles`, { roles: [] });
    }
    const own = `/${admin.id}`;
    const answers = await Promise.all([
      act(admin, 'POST', `${own}/disable`),
      act(admin, 'PUT', `${own}/roles`, { roles: ['support'] }),
      act(admin, 'PATCH', own, { email: null }),
      act(admin, 'DELETE', own),
      api().request('DELETE', '/profile/me', { headers: admin.bearer }),
    ]);
    expect(answers.map(codeOf)).toEqual(Array.from({ length: 5 }, () => 'last_admin'));
    expect(await isLoggedIn(api(), admin)).toBe(true);
  });

  test(`[S76] two administrators who remove each other at once: exactly one remains, ${ROUNDS} times`, async () => {
    const pair = [await root(), await api().newAccount()] as const;
    let acting: Pick<Account, 'id' | 'bearer'> = pair[0];
    for (let round = 0; round < ROUNDS; round++) {
      const other = pair[0].id === acting.id ? pair[1] : pair[0];
      await act(acting, 'POST', `/${other.id}/enable`);
      expect((await act(acting, 'PUT', `/${other.id}/roles`, { roles: ['admin'] })).status).toBe(
        200,
      );
      const rival = { id: other.id, ...(await logIn(other)) };
      const remove = (by: typeof rival, id: number) =>
        round % 2
          ? act(by, 'POST', `/${id}/disable`)
          : act(by, 'PUT', `/${id}/roles`, { roles: [] });
      const answers = (await Promise.all([remove(acting, rival.id), remove(rival, acting.id)])).map(
        codeOf,
      );
      expect([answers, answers.filter((answer) => answer === 200).length]).toEqual([answers, 1]);
      for (const answer of answers) {
        expect([200, 'last_admin', 'forbidden', 'invalid_token']).toContain(answer);
      }
      if (answers[1] === 200) acting = rival;
    }
    // The administrator of the other tests.
    if (acting.id !== pair[0].id) {
      await act(acting, 'POST', `/${pair[0].id}/enable`);
      await act(acting, 'PUT', `/${pair[0].id}/roles`, { roles: ['admin'] });
    }
  }, 120_000);
};
