import { expect, test } from 'vitest';
import { STAFF } from '../support/legacy-users.ts';
import { bearerOf } from './callers.ts';
import { expectProblem } from './errors.ts';
import type { Part } from './suite.ts';

const REASON = { reason: 'why' };

/** What operations of administrators reject. */
export const adminInput: Part = (api) => {
  test.each([
    '/admin/users?limit=0',
    '/admin/users?limit=101',
    '/admin/users?q=',
    '/admin/users?status=gone',
    '/admin/users?role=UPPER',
    '/admin/users?cursor=x',
    '/admin/users/x',
    '/admin/users/0',
    `/admin/users/${STAFF.admin.id}/sessions?limit=1e9`,
    `/admin/users/${STAFF.admin.id}/activity?cursor=x`,
    '/admin/users/-1/sessions',
    '/admin/users/1.5/activity',
    '/admin/audit?subject=x',
    '/admin/audit?outcome=maybe',
    '/admin/stats?days=0',
    '/admin/stats?days=31',
  ])('GET %s answers 422', async (path) => {
    expectProblem(await api().get(path, await bearerOf(STAFF.admin)), 422);
  });

  test.each([
    ['POST', '/admin/users', REASON],
    ['POST', '/admin/users', { ...REASON, email: 'nobody' }],
    ['POST', '/admin/users', { email: 'a@example.com' }],
    ['POST', '/admin/users', { ...REASON, email: 'a@example.com', roles: ['no spaces'] }],
    ['PUT', '/admin/users/1/roles', { ...REASON, roles: Array(21).fill('editor') }],
    ['PUT', '/admin/users/1/roles', { roles: [] }],
    ['PATCH', '/admin/users/1', { ...REASON, email: 'eve@example.com' }],
    ['POST', '/admin/users/1/disable', {}],
    ['POST', '/admin/users/1/enable', { reason: '' }],
    ['POST', '/admin/users/1/unlock', { reason: 'x'.repeat(501) }],
    ['POST', '/admin/users/1/require-reset', { reason: 'line\nbreak' }],
    ['POST', '/admin/users/1/sign-out', { reason: 5 }],
    ['POST', '/admin/users/x/sign-out', REASON],
  ])('%s %s answers 422 for %j', async (method, path, body) => {
    expectProblem(await api().json(method, path, body, await bearerOf(STAFF.admin)), 422);
  });

  test('DELETE /admin/users/{id} answers 422 without a reason', async () => {
    const headers = await bearerOf(STAFF.admin);
    expectProblem(await api().request('DELETE', '/admin/users/1', { headers }), 422);
  });

  test.each(['sessions', 'activity'])('GET /admin/users/{id}/%s answers 200', async (list) => {
    const path = `/admin/users/${STAFF.support.id}/${list}`;
    const answer = await api().get(path, await bearerOf(STAFF.admin));
    expect([answer.status, answer.at('next_cursor')]).toEqual([200, null]);
  });

  test('POST /admin/users/{id}/require-reset answers 409 for an account without an address', async () => {
    const headers = await bearerOf(STAFF.admin);
    const { id } = await api().newAccount();
    const patch = { ...headers, 'Content-Type': 'application/merge-patch+json' };
    await api().json('PATCH', `/admin/users/${id}`, { ...REASON, email: null }, patch);
    const answer = await api().json('POST', `/admin/users/${id}/require-reset`, REASON, headers);
    expectProblem(answer, 409);
  });

  test('GET /auth/session answers the session, the user and the roles of the caller', async () => {
    const answer = await api().get('/auth/session', await bearerOf(STAFF.support));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      ...{ id: STAFF.support.sessionId, amr: ['otp'], roles: ['support'] },
      user: { id: STAFF.support.id, email: 'support-of-staff@example.com' },
    });
    const { bearer } = await api().newAccount();
    const own = await api().get('/auth/session', bearer);
    expect([own.at('amr'), own.at('roles')]).toEqual([['pwd'], []]);
  });
};
